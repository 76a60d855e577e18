// Child processes that outlive a parent that was killed, and how to find and end them afterwards. A parent that ends in any
// other way takes along those that still run.
// A pid alone is no proof of identity (pids are reused), so every record keeps the pid together with a mark that
// only that process can have: its start time, within the boot that it was started in.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One process, recognisable later: `mark` is its start time in a form that only equality is defined for. */
export type ProcessMark = { pid: number; mark: string };

/** What to send and how long to wait for the end before the next step, in milliseconds. */
export type EndStep = readonly [signal: NodeJS.Signals, waitMs: number];

export type ChildOptions = {
  command: string;
  args: readonly string[];
  cwd: string;
  /** The child's whole environment: nothing is inherited. */
  env: Record<string, string>;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Gets stdout and stderr; survives us, so a child never dies of a broken pipe. */
  logFile: string;
};

export type Child = ProcessMark & {
  /** Resolves when the process has ended, never rejects. */
  exited: Promise<void>;
  running(): boolean;
  /** What the child wrote into its log since it was started (the last 4,000 characters). */
  log(): string;
  /** Whether it has written this since it was started. */
  said(text: string): boolean;
};

const LOG_LIMIT_BYTES = 5_000_000;

/** The mark of a living process, or null when there is none under this pid (zombies count as ended). */
export function markOf(pid: number): string | null {
  if (process.platform !== 'linux') return markByPs(pid);
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command name may hold spaces and brackets; fields are counted from behind its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim().slice(0, 8) ?? '';
  return `${boot}-${fields[19] ?? ''}`;
}

/** Whether exactly this process, and not a later one under the same pid, still runs. */
export function isRunning(process: ProcessMark): boolean {
  return markOf(process.pid) === process.mark;
}

/** The command line of a process, or '' when it is not to be had. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
  return ps(pid, 'command=') ?? '';
}

/** Ends a process, ours or a left-over, by steps of growing force; does nothing when it is no longer that one. */
export async function endProcess(target: ProcessMark, steps: readonly EndStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!isRunning(target)) return;
    sendSignal(target.pid, signal);
    for (const until = Date.now() + waitMs; isRunning(target) && Date.now() < until;) await delay(20);
  }
  if (isRunning(target)) throw new Error(`process ${target.pid} does not end`);
}

const children = new Map<number, ProcessMark>();

/** Ends at once every child that still runs when this process ends. Installed with the first child. */
function takeChildrenAlong(): void {
  process.on('exit', () => {
    for (const child of children.values()) if (isRunning(child)) sendSignal(child.pid, 'SIGKILL');
  });
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    // Who handles the signal also ends the process, and stops the children gently before.
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
  // One that was forked ends with who forked it.
  if (process.connected) process.once('disconnect', () => process.exit(1));
}

/** Starts a child in a process group of its own, so that Ctrl-C in the terminal reaches only us. */
export async function startChild(options: ChildOptions): Promise<Child> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const logStart = logSize(options.logFile) > LOG_LIMIT_BYTES ? 0 : logSize(options.logFile);
  const log = openSync(options.logFile, logStart === 0 ? 'w' : 'a', 0o600);
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const pid = child.pid ?? 0;
  const mark = markOf(pid) ?? 'ended';
  if (children.size === 0) takeChildrenAlong();
  children.set(pid, { pid, mark });
  const logged = (): string => (readText(options.logFile) ?? '').slice(logStart);
  return {
    pid,
    mark,
    exited,
    running: () => !ended,
    log: () => logged().slice(-4000),
    said: (text) => logged().includes(text),
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function markByPs(pid: number): string | null {
  const [state, ...started] = ps(pid, 'state=,lstart=')?.trim().split(/\s+/) ?? [];
  return state === undefined || state.startsWith('Z') ? null : started.join(' ');
}

function ps(pid: number, format: string): string | null {
  try {
    return execFileSync('ps', ['-o', format, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
