// `<dataDir>/tenor.lock`: who runs on this data folder, where it can be reached, and which processes it started.
// It is what a second start, the demo and the repair of a crash read. Its mode is 0600: the addresses hold a password.
import { linkSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createDataDir, createPrivate, readJson, writePrivate } from './files.ts';
import { endProcess, isRunning, markOf, type EndStep, type ProcessMark } from './process.ts';

const markSchema = z.object({ pid: z.int(), mark: z.string() });
const lockSchema = z.object({
  pid: z.int(),
  mark: z.string(),
  startedAt: z.string(),
  /** By name: `databaseUrl`, `temporalAddress`, `temporalNamespace`, `uiUrl`, and what the owner announces. */
  addresses: z.record(z.string(), z.string()),
  /** In the order of their start. */
  children: z.array(markSchema.extend({ name: z.string() })),
});

/** The lock file's content: the owner's pid and mark, its start as an instant, addresses by name, children. */
export type Lock = z.infer<typeof lockSchema>;

export type HeldLock = {
  /** Adds or replaces addresses. */
  announce(addresses: Record<string, string>): void;
  /** Records a child; an earlier one of this name is forgotten. */
  adopt(name: string, child: ProcessMark): void;
  /** Removes the file, if it is still ours. */
  release(): void;
};

// The order of force for what a killed owner left: a worker drains, Postgres and Temporal shut down fast.
const END_LEFT_OVER: readonly EndStep[] = [
  ['SIGINT', 8000],
  ['SIGTERM', 3000],
  ['SIGKILL', 5000],
];

/** The lock of a living owner, or null: no file, not a lock, or its owner has ended. */
export function readLock(dataDir: string): Lock | null {
  const lock = readJson(lockPath(dataDir), lockSchema);
  return lock !== null && isRunning(lock) ? lock : null;
}

/**
 * Takes the lock of the data folder and ends what a dead owner left running.
 * @throws when a living process holds it, with its pid and addresses.
 */
export async function acquireLock(dataDir: string, report: (line: string) => void): Promise<HeldLock> {
  createDataDir(dataDir);
  const path = lockPath(dataDir);
  const mine: Lock = {
    pid: process.pid,
    mark: markOf(process.pid) ?? '',
    startedAt: new Date().toISOString(),
    addresses: {},
    children: [],
  };
  const left: Lock['children'] = [];
  while (!createPrivate(path, JSON.stringify(mine, null, 2))) left.push(...takeAway(dataDir));
  const save = () => writePrivate(path, JSON.stringify(mine, null, 2));
  // Until they have ended they stay recorded: this start may be killed too.
  mine.children.push(...left);
  if (left.length > 0) save();
  await endLeftOvers(left, report);
  mine.children = [];
  save();
  return {
    announce: (addresses) => {
      Object.assign(mine.addresses, addresses);
      save();
    },
    adopt: (name, child) => {
      mine.children = [...mine.children.filter((c) => c.name !== name), { name, ...child }];
      save();
    },
    release: () => {
      if (readJson(path, lockSchema)?.mark === mine.mark) unlinkSync(path);
    },
  };
}

async function endLeftOvers(left: Lock['children'], report: (line: string) => void): Promise<void> {
  for (const child of left.toReversed()) {
    if (!isRunning(child)) continue;
    report(`ending ${child.name} (pid ${child.pid}), left running by a start that was killed`);
    await endProcess(child, END_LEFT_OVER);
  }
}

/** Moves a dead owner's lock out of the way and returns its children. */
function takeAway(dataDir: string): Lock['children'] {
  const path = lockPath(dataDir);
  refuseIfHeld(dataDir);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return []; // Another start was faster; the next attempt meets its lock.
  }
  const taken = readJson(aside, lockSchema);
  if (taken !== null && isRunning(taken)) {
    // Between the look and the rename another start took the lock: it gets it back, and we are refused.
    linkSync(aside, path);
    unlinkSync(aside);
    refuseIfHeld(dataDir);
  }
  unlinkSync(aside);
  return taken?.children ?? [];
}

function refuseIfHeld(dataDir: string): void {
  const holder = readLock(dataDir);
  if (holder === null) return;
  const { apiUrl } = holder.addresses;
  const where = apiUrl === undefined ? 'it is starting' : `its API is ${apiUrl}`;
  throw new Error(
    `Tenor runs already on ${dataDir}: ${where}; kill -INT ${holder.pid} stops it, TENOR_HOME names another folder`,
  );
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'tenor.lock');
}
