import { Worker } from 'node:worker_threads';

/** Between two beats, and between two looks at them. */
const BEAT_MS = 500;

/**
 * Runs in a thread of its own, which goes on when the event loop does not. It counts looks, not time: when a machine wakes
 * up after a sleep, both threads go on together.
 */
const THREAD = `
const { workerData: { beats, looks, everyMs } } = require('node:worker_threads');
let [seen, still] = [-1, 0];
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  still = beat === seen ? still + 1 : 0;
  seen = beat;
  if (still < looks) return;
  require('node:fs').writeSync(2, 'the event loop stands still: this process ends itself, to be started again\\n');
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
`;

/**
 * Ends this process when its event loop has stood still for so long: it can do nothing any more, also not end in order. Whoever
 * supervises it starts it again. Keeps no process running.
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
