import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { bytes, int, truth } from './columns.ts';
import type { MerchantId } from './ids.ts';
import type { Db, Tx } from './pool.ts';
import { type RowOf, statement } from './statement.ts';

/** The data that the effect's transaction stores for a repeated request, such as the id of the command that it made. */
export type Resume = Readonly<Record<string, string>>;

const knownKey = {
  /** SHA-256 of method, path and body. */
  request_hash: bytes,
  /** Null while the effect is stored and its answer is not. */
  status: int.nullable(),
  /** The first answer; while `status` is null, the `Resume` of the effect. */
  response: z.unknown(),
};

/** The stored row of a caller's key. */
export type KnownKey = RowOf<typeof knownKey>;

/** The claim of a request on its Idempotency-Key. Key and effect are stored in one transaction: both, or neither. */
export interface Claim {
  /**
   * Locks the key until the end of the effect's transaction. It comes before anything else: of several equal requests at once, one
   * goes on, and no other one sees the rows that the first is making.
   * @throws DomainError request_in_progress when another request has locked or taken the key
   */
  lock(tx: Tx): Promise<void>;
  /**
   * Stores the key within the effect's transaction. `resume` identifies the effect, so that a repeated request goes on with it and
   * never begins a second one.
   * @throws DomainError request_in_progress when another request has locked or taken the key
   */
  store(tx: Tx, resume?: Resume): Promise<void>;
}

const OF_KEY = { merchant: 'text', key: 'text' } as const;

const selectKey = statement('idempotencyKey', {
  sql: 'select request_hash, status, response from idempotency_keys where merchant_id = :merchant and key = :key',
  params: OF_KEY,
  row: knownKey,
});

/** Reads the row of a key; null if there is none. */
export function findKey(db: Db, merchant: MerchantId, key: string): Promise<KnownKey | null> {
  return selectKey.maybeRow(db, { merchant, key });
}

const inProgress = (): DomainError =>
  new DomainError('request_in_progress', 'a request with this Idempotency-Key is under way');

const tryLock = statement('lockIdempotencyKey', {
  sql: 'select pg_try_advisory_xact_lock(hashtextextended(:name, 0)) as taken',
  params: { name: 'text' },
  row: { taken: truth },
});

const insertKey = statement('takeIdempotencyKey', {
  sql: `insert into idempotency_keys (merchant_id, key, request_hash, response) values (:merchant, :key, :hash, :resume)
    on conflict do nothing`,
  params: { ...OF_KEY, hash: 'bytea', resume: 'jsonb' },
});

/** Makes the claim of a request on a key. It never waits: if another transaction is taking the key, it refuses. */
export function claimOf(merchant: MerchantId, key: string, requestHash: Buffer): Claim {
  const lockKey = async (tx: Tx): Promise<void> => {
    const { taken } = await tryLock.row(tx, { name: `idempotency/${merchant}/${key}` });
    if (!taken) throw inProgress();
  };
  return {
    async lock(tx) {
      await lockKey(tx);
      if ((await findKey(tx, merchant, key)) !== null) throw inProgress();
    },
    async store(tx, resume = {}) {
      await lockKey(tx);
      const inserted = await insertKey.run(tx, { merchant, key, hash: requestHash, resume });
      if (inserted === 0) throw inProgress();
    },
  };
}

const finish = statement('finishIdempotencyKey', {
  // The answer is passed as text, because it may be JSON's null.
  sql: `
    insert into idempotency_keys (merchant_id, key, request_hash, status, response)
    values (:merchant, :key, :hash, :status, :response::jsonb)
    on conflict (merchant_id, key) do update set status = excluded.status, response = excluded.response
    where idempotency_keys.status is null and idempotency_keys.request_hash = excluded.request_hash`,
  params: { ...OF_KEY, hash: 'bytea', status: 'int', response: 'text' },
});

/** Stores the first answer of a key. A later answer changes nothing. */
export async function finishKey(
  db: Db,
  merchant: MerchantId,
  key: string,
  { requestHash, status, body }: { requestHash: Buffer; status: number; body: unknown },
): Promise<void> {
  const response = JSON.stringify(body ?? null);
  await finish.run(db, { merchant, key, hash: requestHash, status, response });
}
