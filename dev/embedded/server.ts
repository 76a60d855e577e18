// One server as a child process: started until it answers, stopped by steps, killed and started again by tests.
import { setTimeout as delay } from 'node:timers/promises';
import {
  endProcess,
  startChild,
  type Child,
  type ChildOptions,
  type EndStep,
  type ProcessMark,
} from './process.ts';

export type ServerSpec = {
  name: string;
  /** What to run; asked again at each attempt, so a retry may use another port. */
  launch: () => ChildOptions;
  /** Resolves true once the server answers; false or a rejection means: not yet. */
  ready: () => Promise<boolean>;
  readyWithinMs: number;
  /** How it is ended in good order, then with growing force. */
  endBy: readonly EndStep[];
  /** Called when the process ended before it was ready, with its log: true tries again. */
  retry: (log: string, attempt: number) => Promise<boolean>;
  /** Called as soon as the process exists, before it is ready, so that a crash of ours leaves a trace of it. */
  onSpawn: (process: ProcessMark) => void;
  /** Called when the process ends although nobody here asked it to. */
  onExit: () => void;
};

export type Server = {
  readonly name: string;
  pid(): number | null;
  start(): Promise<void>;
  /** Ends it in good order; fine when it does not run. */
  stop(): Promise<void>;
  /** Sends the signal and waits for the end; for tests of faults. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** Makes the server's handle; nothing is started yet. */
export function superviseServer(spec: ServerSpec): Server {
  let current: Child | null = null;
  const end = async (steps: readonly EndStep[]) => {
    const child = current;
    current = null; // From here on its end is wanted, and not reported.
    if (child === null) return;
    await endProcess(child, steps);
    await child.exited;
  };
  return {
    name: spec.name,
    pid: () => (current?.running() === true ? current.pid : null),
    start: async () => {
      if (current?.running() === true) throw new Error(`${spec.name} runs already`);
      for (let attempt = 1; ; attempt++) {
        const child = await startChild(spec.launch());
        current = child;
        spec.onSpawn({ pid: child.pid, mark: child.mark });
        const outcome = await untilReady(spec, child);
        if (outcome === 'ready') {
          void child.exited.then(() => current === child && spec.onExit());
          return;
        }
        await end(spec.endBy);
        if (outcome === 'ended' && (await spec.retry(child.log(), attempt))) continue;
        throw new Error(`${spec.name} did not start (${outcome}):\n${child.log().trim()}`);
      }
    },
    stop: () => end(spec.endBy),
    kill: (signal) => end([[signal, 30_000]]),
  };
}

async function untilReady(spec: ServerSpec, child: Child): Promise<'ready' | 'ended' | 'too late'> {
  const until = Date.now() + spec.readyWithinMs;
  while (Date.now() < until) {
    if (!child.running()) return 'ended';
    if (await spec.ready().catch(() => false)) return 'ready';
    await delay(30);
  }
  return 'too late';
}
