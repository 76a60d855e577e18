import { createHash, randomBytes } from 'node:crypto';
import { type MerchantId, merchantId, newId } from '../platform/ids.ts';
import { type Db, type Pool, inTransaction, maybeRow, row, rows } from '../platform/pool.ts';

/** All that a key may be for. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key that a caller showed: whose it is, and what it may do. */
export interface ApiKey {
  readonly merchant: MerchantId;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Whether the merchant is a test merchant: only there do clocks exist. */
  readonly test: boolean;
}

/** A key as a list names it: who it is for, never what it is. */
export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly merchant: string;
  readonly merchantName: string;
  readonly scopes: readonly Scope[];
  readonly revoked: boolean;
}

/** Makes a live merchant and its test merchant. */
export function createMerchant(
  pool: Pool,
  name: string,
): Promise<{ readonly live: MerchantId; readonly test: MerchantId }> {
  return inTransaction(pool, async (tx) => {
    const [live, test] = [newId('merchant'), newId('merchant')];
    await rows(tx, 'insert into merchants (id, name, live_merchant_id) values ($1, $3, null), ($2, $4, $1)', [
      live,
      test,
      name,
      `${name} (test)`,
    ]);
    return { live: merchantId(live), test: merchantId(test) };
  });
}

export async function merchantExists(db: Db, id: string): Promise<boolean> {
  return (await maybeRow(db, 'select id from merchants where id = $1', [id])) !== null;
}

/** Whether a merchant is a test merchant: only there do clocks exist, and only the sandbox charges. */
export async function isTestMerchant(db: Db, merchant: MerchantId): Promise<boolean> {
  const { test } = await row<{ test: boolean }>(
    db,
    'select live_merchant_id is not null as test from merchants where id = $1',
    [merchant],
  );
  return test;
}

/**
 * Makes an API key, `tnr_live_…` or `tnr_test_…` by the merchant. It is shown this once; only its SHA-256 is kept,
 * as 24 random bytes need no slow hash.
 */
export async function createApiKey(
  db: Db,
  merchant: MerchantId,
  name: string,
  scopes: readonly Scope[],
): Promise<{ readonly keyId: string; readonly key: string }> {
  const test = await isTestMerchant(db, merchant);
  const key = `tnr_${test ? 'test' : 'live'}_${randomBytes(24).toString('base64url')}`;
  const keyId = newId('apiKey');
  await rows(db, 'insert into api_keys (merchant_id, id, name, hash, scopes) values ($1, $2, $3, $4, $5)', [
    merchant,
    keyId,
    name,
    hashOf(key),
    scopes,
  ]);
  return { keyId, key };
}

/** Revokes a key: it stops working at once. False when there is no such key, or it was revoked before. */
export async function revokeApiKey(db: Db, keyId: string): Promise<boolean> {
  const revoked = await rows(
    db,
    'update api_keys set revoked_at = clock_timestamp() where id = $1 and revoked_at is null returning id',
    [keyId],
  );
  return revoked.length > 0;
}

/** The keys of all merchants, the oldest first: who they are, never what they are. */
export async function listApiKeys(db: Db): Promise<readonly ListedKey[]> {
  return rows(
    db,
    `select m.id as merchant, m.name as "merchantName", k.id, k.name, k.scopes, k.revoked_at is not null as revoked
     from api_keys k join merchants m on m.id = k.merchant_id order by k.id`,
  );
}

/** Finds whose key this is; null when it is unknown or revoked. */
export async function findApiKey(db: Db, key: string): Promise<ApiKey | null> {
  const found = await maybeRow<{ merchant_id: string; id: string; scopes: Scope[]; test: boolean }>(
    db,
    `select k.merchant_id, k.id, k.scopes, m.live_merchant_id is not null as test
     from api_keys k join merchants m on m.id = k.merchant_id where k.hash = $1 and k.revoked_at is null`,
    [hashOf(key)],
  );
  if (found === null) return null;
  return { merchant: merchantId(found.merchant_id), keyId: found.id, scopes: found.scopes, test: found.test };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
