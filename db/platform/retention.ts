import type { Db } from './pool.ts';
import { Statement, statement } from './statement.ts';

/**
 * What is deleted when its window is over: messages that were delivered or are void, payloads of providers' events (their
 * keys stay, rule 38), closed incidents, idempotency keys, buckets of rate limits.
 */
export const RETENTION_KINDS = ['message', 'payload', 'incident', 'key', 'bucket'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** For how many days each kind is kept. */
export type Retention = Readonly<Record<RetentionKind, number>>;

/**
 * An idempotency key is known for 24 hours (rule 23). A bucket that nobody has taken from for a day is full again, unless it
 * fills more slowly than that. The others may be chosen.
 */
export const RETENTION: Retention = { message: 7, payload: 90, incident: 365, key: 1, bucket: 1 };

/** Rows of one short transaction. */
export const BATCH = 1_000;

interface Kept {
  readonly table: string;
  /** The instant from which on a row is kept for its window. */
  readonly since: string;
  /**
   * Rows that may go: what waits, is dead or is open is not among them. An index has these, by that instant; but not buckets,
   * which are few, and which are written so often that no index may know when.
   */
  readonly which: string;
  readonly gone: string;
}

const KEPT: Readonly<Record<RetentionKind, Kept>> = {
  message: {
    table: 'outbox',
    since: 'done_at',
    which: `done_at is not null and state in ('delivered', 'void')`,
    gone: 'delete from outbox',
  },
  payload: {
    table: 'provider_events',
    since: 'recorded_at',
    which: 'body is not null',
    gone: 'update provider_events set body = null',
  },
  incident: {
    table: 'incidents',
    since: 'closed_at',
    which: 'closed_at is not null',
    gone: 'delete from incidents',
  },
  key: {
    table: 'idempotency_keys',
    since: 'created_at',
    which: 'true',
    gone: 'delete from idempotency_keys',
  },
  bucket: {
    table: 'rate_buckets',
    since: 'refilled_at',
    which: 'true',
    gone: 'delete from rate_buckets',
  },
};

/** The bound stands in the statement, where the index serves it: as a parameter it may be planned like a tenth of the table. */
const forgetting = (kind: RetentionKind, batch: number) => {
  const { table, since, which, gone } = KEPT[kind];
  return {
    sql: `
      ${gone}
      where ctid = any(array(
        select ctid from ${table}
        where ${which} and ${since} < statement_timestamp() - make_interval(secs => 86400 * :days)
        order by ${since} limit ${batch} for update skip locked))`,
    params: { days: 'float8' },
  } as const;
};

const inBatches = new Map(
  RETENTION_KINDS.map((kind) => [kind, statement(`forget_${kind}`, forgetting(kind, BATCH))]),
);

/**
 * Deletes a batch of what has been kept for so many days, oldest first, and answers how many. Rows that another relay is
 * deleting are left out: any number of relays share the work.
 */
export function forget(db: Db, kind: RetentionKind, days: number, batch: number = BATCH): Promise<number> {
  const declared = batch === BATCH ? inBatches.get(kind) : undefined;
  return (declared ?? new Statement(`forget_${kind}`, forgetting(kind, batch))).run(db, { days });
}

/** Statements of the age in seconds of the oldest row of each kind that is still kept, as a metric. */
export const OLDEST_KEPT = RETENTION_KINDS.map((kind) => {
  const { table, since, which } = KEPT[kind];
  return `select 'tenor_kept_oldest_seconds', jsonb_build_object('kind', '${kind}'),
    coalesce(extract(epoch from clock_timestamp() - (select min(${since}) from ${table} where ${which})), 0)::float8`;
}).join('\n  union all\n  ');
