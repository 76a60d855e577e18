import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';

/** The ETag of a version of an object: of the fields that a PATCH may change, and of no others. */
export function etagOf(version: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(version)).digest('base64url').slice(0, 27)}"`;
}

/**
 * Refuses a PATCH whose `If-Match` names another version than the present one. Without the header, nothing is read.
 * @param current reads the version of the object, which it or its caller has locked
 * @throws DomainError version_changed
 */
export async function refuseChanged(ifMatch: string | null, current: () => Promise<unknown>): Promise<void> {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  const etag = etagOf(await current());
  if (ifMatch.split(',').some((each) => each.trim() === etag)) return;
  throw new DomainError(
    'version_changed',
    'the object has changed since it was read; read it again and repeat the change',
  );
}
