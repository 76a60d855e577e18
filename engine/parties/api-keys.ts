import {
  type ApiKeyView,
  createApiKey,
  endApiKey,
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
  const tooMuch = beyond(own, scopes);
  if (tooMuch !== null) {
    throw new DomainError('forbidden', `the API key that asks does not have the scope ${tooMuch} itself`);
  }
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
  await endApiKey(tx, merchant, keyId, hours);
  return made;
}

/**
 * Revokes a key at once. Safe to repeat.
 * @throws DomainError not_found
 */
export async function revokeKey(db: Db, merchant: MerchantId, keyId: string): Promise<void> {
  found(await getApiKey(db, merchant, keyId), 'API key');
  await revokeApiKey(db, merchant, keyId);
}
