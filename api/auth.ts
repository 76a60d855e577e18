import type { Request } from 'express';
import { type ApiKey, type Scope, findApiKey } from '../db/parties/merchants.ts';
import type { Pool } from '../db/platform/pool.ts';
import { DomainError } from '../domain/errors.ts';

/** What a key may do; a stronger scope has what the weaker ones have. */
const RANK: Record<Scope, number> = { read: 1, write: 2, admin: 3 };

/**
 * Finds the API key of a request, `Authorization: Bearer tnr_…`.
 * @throws DomainError unauthenticated, forbidden
 */
export async function authenticate(pool: Pool, request: Request, scope: Scope): Promise<ApiKey> {
  const [scheme, key, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0 || key.length > 100) {
    throw new DomainError('unauthenticated', 'send an API key: Authorization: Bearer tnr_…');
  }
  const found = await findApiKey(pool, key);
  if (found === null) throw new DomainError('unauthenticated', 'the API key is unknown or revoked');
  if (!found.scopes.some((each) => RANK[each] >= RANK[scope])) {
    throw new DomainError('forbidden', `the API key needs the scope ${scope}`);
  }
  return found;
}
