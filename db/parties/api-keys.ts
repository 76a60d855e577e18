import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isTestMerchant } from './merchants.ts';
import { SCOPES, type Scope } from '../../domain/parties/scopes.ts';
import { type MerchantId, merchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { instant, list, text } from '../platform/columns.ts';
import { statement } from '../platform/statement.ts';

/** A key that a caller showed: whose it is, and what it may do. */
export interface ApiKey {
  readonly merchant: MerchantId;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Whether the merchant is a test merchant: only there do clocks exist. */
  readonly test: boolean;
}

/** A key as lists name it: who it is for, never what it is. */
export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** To within a minute. */
  readonly last_used_at: string | null;
}

const VIEW = `k.id, k.name, k.scopes, iso(k.created_at) as created_at, iso(k.expires_at) as expires_at, iso(k.revoked_at) as revoked_at,
  iso(k.last_used_at) as last_used_at`;
const VALID = `k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())`;

/**
 * Makes an API key, `tnr_live_…` or `tnr_test_…` by the merchant. It is shown this once; only its SHA-256 is kept,
 * as 24 random bytes need no slow hash. From `expiresAt` on, an instant, it opens nothing.
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
  await rows(
    db,
    'insert into api_keys (merchant_id, id, name, hash, scopes, expires_at) values ($1, $2, $3, $4, $5, $6)',
    [merchant, keyId, name, hashOf(key), scopes, expiresAt],
  );
  return { keyId, key };
}

/** Finds whose key this is, and notes that it is used; null when it is unknown, revoked, or over. */
export async function findApiKey(db: Db, key: string): Promise<ApiKey | null> {
  const found = await maybeRow<{
    merchant_id: string;
    id: string;
    scopes: Scope[];
    test: boolean;
    noted: boolean;
  }>(
    db,
    `select k.merchant_id, k.id, k.scopes, m.live_merchant_id is not null as test,
       coalesce(k.last_used_at > clock_timestamp() - interval '1 minute', false) as noted
     from api_keys k join merchants m on m.id = k.merchant_id where k.hash = $1 and ${VALID}`,
    [hashOf(key)],
  );
  if (found === null) return null;
  const merchant = merchantId(found.merchant_id);
  if (!found.noted) await noteUse(db, merchant, found.id);
  return { merchant, keyId: found.id, scopes: found.scopes, test: found.test };
}

/** Of requests at once one notes it, and none waits. */
async function noteUse(db: Db, merchant: MerchantId, keyId: string): Promise<void> {
  await rows(
    db,
    `update api_keys set last_used_at = clock_timestamp() where (merchant_id, id) in
       (select merchant_id, id from api_keys where merchant_id = $1 and id = $2 for no key update skip locked)`,
    [merchant, keyId],
  );
}

export function getApiKey(db: Db, merchant: MerchantId, keyId: string): Promise<ApiKeyView | null> {
  return maybeRow<ApiKeyView>(db, `select ${VIEW} from api_keys k where k.merchant_id = $1 and k.id = $2`, [
    merchant,
    keyId,
  ]);
}

/** The keys of a merchant, revoked ones among them. */
export function pageOfApiKeys(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<ApiKeyView>> {
  return pageOf<ApiKeyView>(
    db,
    `select k.id as cursor_key, ${VIEW} from api_keys k where k.merchant_id = $1`,
    [merchant],
    page,
  );
}

const lockValidKey = statement('lockApiKey', {
  sql: `select k.name, k.scopes,
      clock_timestamp() + (case when k.rotated_at is null then k.expires_at else k.would_end_at end - k.created_at) as successor_ends
    from api_keys k where k.merchant_id = :merchant and k.id = :key and ${VALID} for no key update`,
  params: { merchant: 'text', key: 'text' },
  row: { name: text, scopes: list(z.enum(SCOPES)), successor_ends: instant.nullable() },
});

/**
 * A valid key under its lock, and when one that is made now for as long a time would end; null when there is none. A key
 * that was rotated before ends early: it counts as long as it was made to live.
 */
export function lockApiKey(
  db: Db,
  merchant: MerchantId,
  key: string,
): Promise<{
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly successor_ends: string | null;
} | null> {
  return lockValidKey.maybeRow(db, { merchant, key });
}

const endKey = statement('endRotatedKey', {
  sql: `update api_keys set expires_at = least(expires_at, clock_timestamp() + make_interval(hours => :hours)),
      rotated_at = coalesce(rotated_at, clock_timestamp()),
      would_end_at = case when rotated_at is null then expires_at else would_end_at end
    where merchant_id = :merchant and id = :key`,
  params: { merchant: 'text', key: 'text', hours: 'int' },
});

/** Ends a key that is rotated after so many hours, unless it ends before. */
export async function endRotatedKey(db: Db, merchant: MerchantId, key: string, hours: number): Promise<void> {
  await endKey.run(db, { merchant, key, hours });
}

/** Revokes a key: it stops working at once. False when the merchant has no such key, or it was revoked before. */
export async function revokeApiKey(db: Db, merchant: MerchantId, keyId: string): Promise<boolean> {
  const revoked = await rows(
    db,
    `update api_keys set revoked_at = clock_timestamp() where merchant_id = $1 and id = $2 and revoked_at is null returning id`,
    [merchant, keyId],
  );
  return revoked.length > 0;
}

/** A key with its merchant, for the operator of all of them. */
export interface ListedKey extends ApiKeyView {
  readonly merchant: string;
  readonly merchantName: string;
  readonly state: 'valid' | 'revoked' | 'expired';
}

/** The keys of all merchants, the oldest first. */
export async function listApiKeys(db: Db): Promise<readonly ListedKey[]> {
  return rows(
    db,
    `select m.id as merchant, m.name as "merchantName", ${VIEW},
       case when k.revoked_at is not null then 'revoked' when ${VALID} then 'valid' else 'expired' end as state
     from api_keys k join merchants m on m.id = k.merchant_id order by k.id`,
  );
}

/** Whose key this id is; null when there is none. */
export async function merchantOfKey(db: Db, keyId: string): Promise<MerchantId | null> {
  const found = await maybeRow<{ merchant_id: string }>(
    db,
    'select merchant_id from api_keys where id = $1',
    [keyId],
  );
  return found === null ? null : merchantId(found.merchant_id);
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
