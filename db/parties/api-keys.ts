import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SCOPES, type Scope } from '../../domain/parties/scopes.ts';
import { instant, int, list, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { isTestMerchant } from './merchants.ts';

const scopes = list(z.enum(SCOPES));

const found = {
  merchant: merchantColumn,
  keyId: text,
  scopes,
  /** Whether the merchant is a test merchant. Only test merchants have clocks. */
  test: truth,
};

/** A valid key, with its merchant and its scopes. */
export type ApiKey = RowOf<typeof found>;

const view = {
  id: text,
  name: text,
  scopes,
  created_at: instant,
  expires_at: instant.nullable(),
  revoked_at: instant.nullable(),
  /** Accurate to a minute. */
  last_used_at: instant.nullable(),
};

/** A key as it is listed, without the secret. */
export type ApiKeyView = RowOf<typeof view>;

const VIEW = 'k.id, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at';
const VALID = 'k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())';
const OF_KEY = { merchant: 'text', key: 'text' } as const;

const insertKey = statement('insertApiKey', {
  sql: `
    insert into api_keys (merchant_id, id, name, hash, scopes, expires_at)
    values (:merchant, :key, :name, :hash, :scopes, :expires)`,
  params: { ...OF_KEY, name: 'text', hash: 'bytea', scopes: 'text[]', expires: 'timestamptz?' },
});

/**
 * Creates an API key, `tnr_live_…` or `tnr_test_…` by the merchant. Only this call returns the key. The database stores its SHA-256,
 * as 24 random bytes need no slow hash. The key is not valid from the instant `expiresAt` on.
 */
export async function createApiKey(
  db: Db,
  merchant: MerchantId,
  name: string,
  scopes: readonly Scope[],
  expiresAt: string | null = null,
): Promise<{ readonly keyId: string; readonly key: string }> {
  const test = await isTestMerchant(db, merchant);
  const key = `tnr_${test ? 'test' : 'live'}_${randomBytes(24).toString('base64url')}`;
  const keyId = newId('apiKey');
  await insertKey.run(db, { merchant, key: keyId, name, hash: hashOf(key), scopes, expires: expiresAt });
  return { keyId, key };
}

const selectValid = statement('validApiKey', {
  sql: `
    select k.merchant_id as merchant, k.id as "keyId", k.scopes, m.live_merchant_id is not null as test,
      coalesce(k.last_used_at > clock_timestamp() - interval '1 minute', false) as noted
    from api_keys k join merchants m on m.id = k.merchant_id
    where k.hash = :hash and ${VALID}`,
  params: { hash: 'bytea' },
  row: { ...found, noted: truth },
});

/** Finds a valid key and records its use. Returns null if the key is unknown, revoked or expired. */
export async function findApiKey(db: Db, key: string): Promise<ApiKey | null> {
  const valid = await selectValid.maybeRow(db, { hash: hashOf(key) });
  if (valid === null) return null;
  const { noted, ...apiKey } = valid;
  if (!noted) await noteUse.run(db, { merchant: apiKey.merchant, key: apiKey.keyId });
  return apiKey;
}

/** Of several requests at once, one records the use, and none waits. */
const noteUse = statement('noteUseOfApiKey', {
  sql: `
    update api_keys set last_used_at = clock_timestamp()
    where (merchant_id, id) in (
      select merchant_id, id from api_keys
      where merchant_id = :merchant and id = :key for no key update skip locked)`,
  params: OF_KEY,
});

const OF_MERCHANT = `select ${VIEW} from api_keys k where k.merchant_id = :merchant`;

const selectKey = statement('apiKey', {
  sql: `${OF_MERCHANT} and k.id = :key`,
  params: OF_KEY,
  row: view,
});

const listOfMerchant = listStatement('apiKeys', {
  sql: OF_MERCHANT,
  params: { merchant: 'text' },
  row: view,
});

export function getApiKey(db: Db, merchant: MerchantId, keyId: string): Promise<ApiKeyView | null> {
  return selectKey.maybeRow(db, { merchant, key: keyId });
}

/** The keys of a merchant, including revoked ones. */
export function pageOfApiKeys(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<ApiKeyView>> {
  return listOfMerchant.page(db, { merchant }, page);
}

const rotatable = { name: text, scopes, successor_ends: instant.nullable() };

const lock = statement('lockApiKey', {
  sql: `
    select k.name, k.scopes,
      clock_timestamp() + (case when k.rotated_at is null then k.expires_at else k.would_end_at end - k.created_at)
        as successor_ends
    from api_keys k
    where k.merchant_id = :merchant and k.id = :key and ${VALID} for no key update`,
  params: OF_KEY,
  row: rotatable,
});

/**
 * Locks a valid key. Returns it with the instant at which a successor with the same lifetime would end, or null if there is no such
 * key. If the key was rotated before, its original lifetime counts, not the shortened one.
 */
export function lockApiKey(
  db: Db,
  merchant: MerchantId,
  keyId: string,
): Promise<RowOf<typeof rotatable> | null> {
  return lock.maybeRow(db, { merchant, key: keyId });
}

const countKeys = statement('countApiKeys', {
  sql: `
    select count(*)::int as keys
    from (select from api_keys k where k.merchant_id = :merchant and ${VALID} limit :most) counted`,
  params: { merchant: 'text', most: 'int' },
  row: { keys: int },
});

/** The number of valid keys of a merchant, counted up to `most`. */
export async function countApiKeys(db: Db, merchant: MerchantId, most: number): Promise<number> {
  const { keys } = await countKeys.row(db, { merchant, most });
  return keys;
}

const endKey = statement('endRotatedKey', {
  sql: `
    update api_keys
    set expires_at = least(expires_at, clock_timestamp() + make_interval(hours => :hours)),
      rotated_at = coalesce(rotated_at, clock_timestamp()),
      would_end_at = case when rotated_at is null then expires_at else would_end_at end
    where merchant_id = :merchant and id = :key`,
  params: { ...OF_KEY, hours: 'int' },
});

/** Ends a rotated key after so many hours, unless it ends before. */
export async function endRotatedKey(
  db: Db,
  merchant: MerchantId,
  keyId: string,
  hours: number,
): Promise<void> {
  await endKey.run(db, { merchant, key: keyId, hours });
}

const revokeKey = statement('revokeApiKey', {
  sql: `
    update api_keys set revoked_at = clock_timestamp()
    where merchant_id = :merchant and id = :key and revoked_at is null`,
  params: OF_KEY,
});

/** Revokes a key, which stops working at once. Returns false if the merchant has no such key, or if it was revoked before. */
export async function revokeApiKey(db: Db, merchant: MerchantId, keyId: string): Promise<boolean> {
  const revoked = await revokeKey.run(db, { merchant, key: keyId });
  return revoked > 0;
}

const listed = {
  merchant: text,
  merchantName: text,
  ...view,
  state: z.enum(['valid', 'revoked', 'expired']),
};

/** A key with its merchant, for the operator of all merchants. */
export type ListedKey = RowOf<typeof listed>;

const selectAll = statement('apiKeysOfAll', {
  sql: `
    select m.id as merchant, m.name as "merchantName", ${VIEW},
      case when k.revoked_at is not null then 'revoked' when ${VALID} then 'valid' else 'expired' end as state
    from api_keys k join merchants m on m.id = k.merchant_id
    order by k.id`,
  row: listed,
});

/** The keys of all merchants, the oldest first. */
export function listApiKeys(db: Db): Promise<readonly ListedKey[]> {
  return selectAll.rows(db, {});
}

const selectMerchant = statement('merchantOfApiKey', {
  sql: 'select merchant_id from api_keys where id = :key',
  params: { key: 'text' },
  row: { merchant_id: merchantColumn },
});

/** The merchant of the key with this id; null if there is no such key. */
export async function merchantOfKey(db: Db, keyId: string): Promise<MerchantId | null> {
  const found = await selectMerchant.maybeRow(db, { key: keyId });
  return found?.merchant_id ?? null;
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
