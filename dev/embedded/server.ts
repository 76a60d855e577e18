// Runs a server as a child process: it is started until it answers, and stopped by signals. Tests also kill and restart it.
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
  /** The program to run. It is called at each attempt, so that a retry may use another port. */
  launch: () => ChildOptions;
  /** Resolves to true when the server answers. False or a rejection means that it is not ready yet. */
  ready: () => Promise<boolean>;
  readyWithinMs: number;
  /** The signals that stop the server, the gentlest first. */
  endBy: readonly EndStep[];
  /** Called with the log if the process ended before it was ready. Returns true to try again. */
  retry: (log: string, attempt: number) => Promise<boolean>;
  /** Called as soon as the process exists, before it is ready, so that it is recorded if this process crashes. */
  onSpawn: (process: ProcessMark) => void;
  /** Called if the process ends by itself. */
  onExit: () => void;
};

/** The handle of a server. */
export type Server = {
  readonly name: string;
  pid(): number | null;
  start(): Promise<void>;
  /** Stops the server gently, if it runs. */
  stop(): Promise<void>;
  /** Sends the signal and waits for the end, for tests of faults. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** Creates the handle of a server, which is not started yet. */
export function superviseServer(spec: ServerSpec): Server {
  let current: Child | null = null;
  const end = async (steps: readonly EndStep[]) => {
    const child = current;
    current = null; // From here on its end is intended, and not reported.
    if (child === null) return;
    await endProcess(child, steps);
    await child.exited;
  };
  return {
    name: spec.name,
    pid: () => (current?.running() === true ? current.pid : null),
    start: async () => {
      if (current?.running() === true) throw new Error(`${spec.name} already runs`);
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
