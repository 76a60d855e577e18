import { DomainError } from '../../domain/errors.ts';
import type { MerchantId } from './ids.ts';
import { type Db, type Tx, maybeRow, row, rows } from './pool.ts';

/** The result that the effect's transaction keeps for a repeated request, such as the id of the command that it stored. */
export type Resume = Readonly<Record<string, string>>;

/** What is known under a caller's key. */
export interface KnownKey {
  /** SHA-256 of method, path and body. */
  readonly request_hash: Buffer;
  /** Null while the effect is stored and its answer is not. */
  readonly status: number | null;
  /** The first answer, or, without a status, how to go on. */
  readonly response: unknown;
}

/** A caller's Idempotency-Key, taken in the transaction of the effect: both are stored, or neither. */
export interface Claim {
  /**
   * Holds the key until the end of the effect's transaction, before anything else is done: of equal requests at once, one
   * goes on, and none of the others finds what that one has just made.
   * @throws DomainError request_in_progress when another holds or has taken it
   */
  hold(tx: Tx): Promise<void>;
  /**
   * Takes the key within the effect's transaction. `resume` says what is begun, so that the same request asked again
   * goes on with that and never begins a second one.
   * @throws DomainError request_in_progress when another holds or has taken it
   */
  take(tx: Tx, resume?: Resume): Promise<void>;
}

/** Reads what is known under a key; null when nothing is. */
export function findKey(db: Db, merchant: MerchantId, key: string): Promise<KnownKey | null> {
  return maybeRow<KnownKey>(
    db,
    'select request_hash, status, response from idempotency_keys where merchant_id = $1 and key = $2',
    [merchant, key],
  );
}

const inProgress = (): DomainError =>
  new DomainError('request_in_progress', 'a request with this Idempotency-Key is under way');

/** A claim on a key for a request. Nothing waits: a key that another transaction is taking is in progress. */
export function claimOf(merchant: MerchantId, key: string, requestHash: Buffer): Claim {
  const lock = async (tx: Tx): Promise<void> => {
    const { taken } = await row<{ taken: boolean }>(
      tx,
      'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
      [`idempotency/${merchant}/${key}`],
    );
    if (!taken) throw inProgress();
  };
  return {
    async hold(tx) {
      await lock(tx);
      if ((await findKey(tx, merchant, key)) !== null) throw inProgress();
    },
    async take(tx, resume = {}) {
      await lock(tx);
      const inserted = await rows(
        tx,
        `insert into idempotency_keys (merchant_id, key, request_hash, response) values ($1, $2, $3, $4)
         on conflict do nothing returning key`,
        [merchant, key, requestHash, JSON.stringify(resume)],
      );
      if (inserted.length === 0) throw inProgress();
    },
  };
}

/** Keeps the first answer of a key; a later one changes nothing. */
export async function finishKey(
  db: Db,
  merchant: MerchantId,
  key: string,
  { requestHash, status, body }: { requestHash: Buffer; status: number; body: unknown },
): Promise<void> {
  await rows(
    db,
    `insert into idempotency_keys (merchant_id, key, request_hash, status, response) values ($1, $2, $3, $4, $5)
     on conflict (merchant_id, key) do update set status = excluded.status, response = excluded.response
     where idempotency_keys.status is null and idempotency_keys.request_hash = excluded.request_hash`,
    [merchant, key, requestHash, status, JSON.stringify(body ?? null)],
  );
}
