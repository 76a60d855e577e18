import {
  type ApiKeyView,
  createApiKey,
  endRotatedKey,
  getApiKey,
  lockApiKey,
  revokeApiKey,
} from '../../db/parties/api-keys.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Scope, beyond } from '../../domain/parties/scopes.ts';

/** A key that was just made, with what is shown this once. */
export interface MadeKey extends ApiKeyView {
  readonly key: string;
}

/** What is asked for with a new key. `expiresAt` is an instant. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
}

/**
 * Makes a key that may do no more than the one that asks for it.
 * @throws DomainError forbidden, invalid_request
 */
export async function makeKey(
  db: Db,
  merchant: MerchantId,
  own: readonly Scope[],
  { name, scopes, expiresAt }: KeyRequest,
): Promise<MadeKey> {
  refuseBeyond(own, scopes);
  const { keyId, key } = await createApiKey(db, merchant, name, scopes, expiresAt);
  const made = found(await getApiKey(db, merchant, keyId), 'API key');
  if (made.expires_at !== null && made.expires_at <= made.created_at) {
    throw new DomainError('invalid_request', 'must be in the future', { field: 'expires_at' });
  }
  return { ...made, key };
}

/**
 * Makes a key with the name, the scopes and the length of life of another, which ends after so many hours.
 * @throws DomainError not_found, forbidden
 */
export async function rotateKey(
  tx: Tx,
  merchant: MerchantId,
  own: readonly Scope[],
  { keyId, hours }: { readonly keyId: string; readonly hours: number },
): Promise<MadeKey> {
  const { name, scopes, successor_ends } = found(await lockApiKey(tx, merchant, keyId), 'valid API key');
  const made = await makeKey(tx, merchant, own, { name, scopes, expiresAt: successor_ends });
  await endRotatedKey(tx, merchant, keyId, hours);
  return made;
}

/**
 * Revokes a key at once. Safe to repeat. A weaker key revokes no stronger one: the last that could make keys would be gone.
 * @throws DomainError not_found, forbidden
 */
export async function revokeKey(
  db: Db,
  merchant: MerchantId,
  own: readonly Scope[],
  keyId: string,
): Promise<void> {
  const { scopes } = found(await getApiKey(db, merchant, keyId), 'API key');
  refuseBeyond(own, scopes);
  await revokeApiKey(db, merchant, keyId);
}

function refuseBeyond(own: readonly Scope[], scopes: readonly Scope[]): void {
  const tooMuch = beyond(own, scopes);
  if (tooMuch === null) return;
  throw new DomainError('forbidden', `the API key that asks does not have the scope ${tooMuch} itself`);
}
