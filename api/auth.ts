import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { ApiKey } from '../db/parties/api-keys.ts';
import { DomainError } from '../domain/errors.ts';
import { AREAS, type AreaName, type Level, allows } from '../domain/parties/scopes.ts';

/** An API key as a request sends it. */
export interface ShownKey {
  readonly key: string;
  /** SHA-256 of the key, under which it is remembered. */
  readonly hash: string;
  /** The kind of merchant, as the key's prefix says. For a valid key it is always right. */
  readonly mode: ShownMode;
}
export type ShownMode = 'live' | 'test' | 'unknown';

/**
 * Reads the API key of a request, `Authorization: Bearer tnr_…`.
 * @throws DomainError unauthenticated
 */
export function shownKey(request: Request): ShownKey {
  const [scheme, key, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0 || key.length > 100) {
    throw new DomainError('unauthenticated', 'send an API key: Authorization: Bearer tnr_…');
  }
  return {
    key,
    hash: createHash('sha256').update(key).digest('base64'),
    mode: shownMode(request),
  };
}

/** The kind of merchant that a request's key names. `unknown` if the text is not a key of Tenor. */
export function shownMode({ headers }: Request): ShownMode {
  const [, mode] = / tnr_(live|test)_/.exec(headers.authorization ?? '') ?? [];
  return (mode as 'live' | 'test' | undefined) ?? 'unknown';
}

/**
 * Checks that a key has the scope of a route.
 * @throws DomainError forbidden
 */
export function authorise(
  { scopes }: ApiKey,
  { scope, tag }: { readonly scope: Level; readonly tag: AreaName },
): void {
  if (!allows(scopes, scope, AREAS[tag])) {
    throw new DomainError('forbidden', `the API key needs the scope ${scope}, or ${AREAS[tag]}:${scope}`);
  }
}
