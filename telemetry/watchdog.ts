import { Worker } from 'node:worker_threads';

/** The time between two beats of the event loop, and between two checks by the thread, in milliseconds. */
const BEAT_MS = 500;

/**
 * The code of the thread, which goes on when the event loop is blocked. It counts checks instead of time, because after a sleep of
 * the machine both threads go on together.
 */
const THREAD = `
const { workerData: { beats, looks, everyMs } } = require('node:worker_threads');
let [seen, still] = [-1, 0];
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  still = beat === seen ? still + 1 : 0;
  seen = beat;
  if (still < looks) return;
  require('node:fs').writeSync(2, 'the event loop is blocked: this process ends itself, to be started again\\n');
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
`;

/**
 * Kills this process when its event loop has been blocked for so many seconds, because it can then not even shut down in order. Its
 * supervisor starts it again. The watchdog itself does not keep the process running.
 */
export function startWatchdog(seconds: number): { stop(): Promise<void> } {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const beat = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS).unref();
  const looks = Math.ceil((seconds * 1_000) / BEAT_MS);
  const thread = new Worker(THREAD, {
    eval: true,
    execArgv: [],
    workerData: { beats, looks, everyMs: BEAT_MS },
  });
  thread.unref();
  return {
    async stop() {
      clearInterval(beat);
      await thread.terminate();
    },
  };
}
