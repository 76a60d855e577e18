// Small files of the data folder: JSON that is never seen half-written, and readable by its owner only.
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

/** Writes `text` beside `path` and renames it into place; mode 0600. */
export function writePrivate(path: string, text: string): void {
  renameSync(draftOf(path, text), path);
}

/** The same for a file that must not exist yet: false, and nothing changed, when it does. */
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

/** The file's content as the schema reads it; null when the file is missing or is something else. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Creates the data folder. What is secret in it has mode 0600; the folder lets the database's user pass. */
export function createDataDir(dataDir: string): void {
  if (mkdirSync(dataDir, { recursive: true }) !== undefined) chmodSync(dataDir, 0o711);
}

/** A fresh data folder below the system's temporary one, that the database's user can reach. */
export function temporaryDataDir(prefix = 'tenor-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * The key of the personal-data vault: 32 bytes in base64, made by the first call and kept in the data folder.
 * Without it names and addresses cannot be read again, so a broken file is an error and never replaced.
 */
export function keepMasterKey(dataDir: string): string {
  const path = join(dataDir, 'master.key');
  createPrivate(path, `${randomBytes(32).toString('base64')}\n`);
  const key = readFileSync(path, 'utf8').trim();
  if (Buffer.from(key, 'base64').length !== 32) throw new Error(`${path} does not hold 32 bytes in base64`);
  return key;
}

function draftOf(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  return draft;
}
