import type { Request } from 'express';
import { type ApiKey, findApiKey } from '../db/parties/api-keys.ts';
import type { Pool } from '../db/platform/pool.ts';
import { DomainError } from '../domain/errors.ts';
import { AREAS, type AreaName, type Level, allows } from '../domain/parties/scopes.ts';

/**
 * Finds the API key of a request, `Authorization: Bearer tnr_…`.
 * @throws DomainError unauthenticated, forbidden
 */
export async function authenticate(
  pool: Pool,
  request: Request,
  { scope, tag }: { readonly scope: Level; readonly tag: AreaName },
): Promise<ApiKey> {
  const [scheme, key, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0 || key.length > 100) {
    throw new DomainError('unauthenticated', 'send an API key: Authorization: Bearer tnr_…');
  }
  const found = await findApiKey(pool, key);
  if (found === null) {
    throw new DomainError('unauthenticated', 'the API key is unknown, revoked, or past its end');
  }
  if (!allows(found.scopes, scope, AREAS[tag])) {
    throw new DomainError('forbidden', `the API key needs the scope ${scope}, or ${AREAS[tag]}:${scope}`);
  }
  return found;
}
