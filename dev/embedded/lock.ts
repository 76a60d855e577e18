// The lock file `<dataDir>/tenor.lock` names the process that runs on a data folder, its addresses, and the processes that it
// started. A second start, the demo and the CLI read it. Its mode is 0600, because an address contains a password.
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
  /** Addresses by name: `databaseUrl`, `temporalAddress`, `temporalNamespace`, `uiUrl`, and others that the owner announces. */
  addresses: z.record(z.string(), z.string()),
  /** The started processes, in order. */
  children: z.array(markSchema.extend({ name: z.string() })),
});

/** The content of the lock file: the owner's pid and mark, the instant of its start, addresses by name, and its children. */
export type Lock = z.infer<typeof lockSchema>;

/** The lock of this process. */
export type HeldLock = {
  /** Adds or replaces addresses. */
  announce(addresses: Record<string, string>): void;
  /** Records a child process. It replaces an earlier one of this name. */
  adopt(name: string, child: ProcessMark): void;
  /** Removes the file, if this process still owns it. */
  release(): void;
};

// The signals for processes of a killed owner: at SIGINT a worker drains, and Postgres and Temporal shut down fast.
const END_LEFT_OVER: readonly EndStep[] = [
  ['SIGINT', 8000],
  ['SIGTERM', 3000],
  ['SIGKILL', 5000],
];

/** Reads the lock of a running owner. Null if there is no valid file, or if its owner has ended. */
export function readLock(dataDir: string): Lock | null {
  const lock = readJson(lockPath(dataDir), lockSchema);
  return lock !== null && isRunning(lock) ? lock : null;
}

/**
 * Takes the lock of the data folder, and ends the processes that a dead owner left running.
 * @throws Error with the pid and the address of a running owner
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
  // They stay recorded until they have ended, because this start may be killed, too.
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

/** Removes a dead owner's lock and returns its children. */
function takeAway(dataDir: string): Lock['children'] {
  const path = lockPath(dataDir);
  refuseIfHeld(dataDir);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return []; // Another start was faster. The next attempt finds its lock.
  }
  const taken = readJson(aside, lockSchema);
  if (taken !== null && isRunning(taken)) {
    // Another start took the lock before the rename. It gets its file back, and this start is refused.
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
    `Tenor already runs on ${dataDir}: ${where}. Stop it with kill -INT ${holder.pid}, or set TENOR_HOME to another folder`,
  );
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'tenor.lock');
}
