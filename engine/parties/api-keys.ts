import {
  type ApiKeyView,
  countApiKeys,
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

/** The most valid keys that a merchant may have. Requests at the same instant may exceed it by one each. */
const MOST_KEYS = 1_000;

/** A new API key, with its secret text. The text is shown only once. */
export interface MadeKey extends ApiKeyView {
  readonly key: string;
}

/** The request for a new API key. `expiresAt` is an instant. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
}

/**
 * Makes an API key. It may not have more scopes than `own`, those of the key of the request.
 * @throws DomainError forbidden, invalid_request, too_many_api_keys
 */
export async function makeKey(
  db: Db,
  merchant: MerchantId,
  own: readonly Scope[],
  { name, scopes, expiresAt }: KeyRequest,
): Promise<MadeKey> {
  refuseBeyond(own, scopes);
  if ((await countApiKeys(db, merchant, MOST_KEYS)) >= MOST_KEYS) {
    throw new DomainError(
      'too_many_api_keys',
      `the merchant has ${MOST_KEYS} valid API keys; revoke one first`,
    );
  }
  const { keyId, key } = await createApiKey(db, merchant, name, scopes, expiresAt);
  const made = found(await getApiKey(db, merchant, keyId), 'API key');
  if (made.expires_at !== null && made.expires_at <= made.created_at) {
    throw new DomainError('invalid_request', 'must be in the future', { field: 'expires_at' });
  }
  return { ...made, key };
}

/**
 * Makes a successor of an API key, with the same name, scopes and lifetime. The old key ends after `hours`.
 * @throws DomainError not_found, forbidden, too_many_api_keys
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
 * Revokes an API key at once. It may be repeated. A key cannot revoke one that has more scopes, because that could be the last
 * key that can make others.
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
  throw new DomainError('forbidden', `the API key of this request does not have the scope ${tooMuch} itself`);
}
