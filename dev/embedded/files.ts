// Small private files of the data folder. They are replaced atomically, and only their owner can read them.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/** Writes a file with mode 0600, under a temporary name first, which is then renamed. */
export function writePrivate(path: string, text: string): void {
  renameSync(draftOf(path, text), path);
}

/** Does the same for a file that must not exist yet. If it exists, it returns false and changes nothing. */
export function createPrivate(path: string, text: string): boolean {
  const draft = draftOf(path, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Reads a JSON file by a schema. Null if the file is missing or does not match the schema. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Creates the data folder. Its mode lets the database's user enter it; secret files in it have mode 0600. */
export function createDataDir(dataDir: string): void {
  if (mkdirSync(dataDir, { recursive: true }) !== undefined) chmodSync(dataDir, 0o711);
}

/** Creates a data folder below the system's temporary folder. The database's user can enter it. */
export function temporaryDataDir(prefix = 'tenor-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * Reads the master key of the vault from the data folder: 32 bytes in base64. The first call creates it. Without the key personal
 * data cannot be decrypted, so a damaged file is an error, and is never replaced.
 */
export function keepMasterKey(dataDir: string): string {
  const path = join(dataDir, 'master.key');
  createPrivate(path, `${randomBytes(32).toString('base64')}\n`);
  const key = readFileSync(path, 'utf8').trim();
  if (Buffer.from(key, 'base64').length !== 32) throw new Error(`${path} is not a key of 32 bytes in base64`);
  return key;
}

function draftOf(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  return draft;
}
