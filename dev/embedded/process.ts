// Starts child processes, and finds and ends those that outlive a killed parent. A parent that ends in any other way kills its
// children first.
//
// A pid alone does not identify a process, because pids are reused. So each record has the pid and a mark, which is the start time
// of the process within the boot of the machine.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The identity of a process. `mark` is its start time, in a form that can only be compared for equality. */
export type ProcessMark = { pid: number; mark: string };

/** A signal, and how long to wait for the end of the process before the next step, in milliseconds. */
export type EndStep = readonly [signal: NodeJS.Signals, waitMs: number];

export type ChildOptions = {
  command: string;
  args: readonly string[];
  cwd: string;
  /** The child's whole environment. It inherits nothing. */
  env: Record<string, string>;
  uid?: number | undefined;
  gid?: number | undefined;
  /** The file for stdout and stderr. As it is not a pipe, the child does not fail if its parent dies. */
  logFile: string;
};

export type Child = ProcessMark & {
  /** Resolves when the process has ended. Never rejects. */
  exited: Promise<void>;
  running(): boolean;
  /** The last 4,000 characters that the child has logged since its start. */
  log(): string;
  /** Whether the child has logged this text since its start. */
  said(text: string): boolean;
};

const LOG_LIMIT_BYTES = 5_000_000;

/** The mark of a running process. Null if none has this pid. Zombies count as ended. */
export function markOf(pid: number): string | null {
  if (process.platform !== 'linux') return markByPs(pid);
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command name may contain spaces and brackets, so fields are counted from after its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim().slice(0, 8) ?? '';
  return `${boot}-${fields[19] ?? ''}`;
}

/** Whether this process still runs, and not a later one with the same pid. */
export function isRunning(process: ProcessMark): boolean {
  return markOf(process.pid) === process.mark;
}

/** The command line of a process. Empty if it cannot be read. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
  return ps(pid, 'command=') ?? '';
}

/** Ends a process by the signals of the steps, in order. Does nothing if the process has ended already. */
export async function endProcess(target: ProcessMark, steps: readonly EndStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!isRunning(target)) return;
    sendSignal(target.pid, signal);
    for (const until = Date.now() + waitMs; isRunning(target) && Date.now() < until;) await delay(20);
  }
  if (isRunning(target)) throw new Error(`process ${target.pid} does not end`);
}

const children = new Map<number, ProcessMark>();

/** Kills the children that still run when this process ends. Installed with the first child. */
function takeChildrenAlong(): void {
  process.on('exit', () => {
    for (const child of children.values()) if (isRunning(child)) sendSignal(child.pid, 'SIGKILL');
  });
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    // Code with a signal handler of its own stops the children gently and ends the process itself.
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
  // A forked process ends with its parent.
  if (process.connected) process.once('disconnect', () => process.exit(1));
}

/** Starts a child in a process group of its own, so that Ctrl-C in the terminal reaches only this process. */
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
  // The position is in bytes, and a character may have several.
  const logged = (): string => (readBytes(options.logFile)?.subarray(logStart) ?? '').toString();
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
    // The process ended before the signal.
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
  return readBytes(path)?.toString() ?? null;
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
