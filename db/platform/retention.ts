import type { Db } from './pool.ts';
import { Statement, statement } from './statement.ts';

/**
 * Rows that are deleted when their retention is over: messages that were delivered or are void, payloads of provider events
 * (their keys stay, rule 38), closed incidents, mails that are not queued any more, webhooks that were delivered and the log of
 * tries, events, idempotency keys, and buckets of rate limits.
 */
export const RETENTION_KINDS = [
  'message',
  'payload',
  'incident',
  'mail',
  'webhook_try',
  'webhook',
  'key',
  'bucket',
  'event',
] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** For how many days each kind is kept. */
export type Retention = Readonly<Record<RetentionKind, number>>;

/**
 * The default retention in days. An idempotency key is known for 24 hours (rule 23). A bucket from which nobody has taken a token for a
 * day is full again, unless it refills more slowly than that. The others can be configured.
 */
export const RETENTION: Retention = {
  message: 7,
  payload: 90,
  incident: 365,
  mail: 365,
  webhook_try: 30,
  webhook: 30,
  key: 1,
  bucket: 1,
  event: 400,
};

/** How many rows one short transaction deletes at most. */
export const BATCH = 1_000;

interface RetentionRule {
  readonly table: string;
  /** The column with the instant at which a row's retention begins. */
  readonly since: string;
  /**
   * The condition of rows that may be deleted. Rows that wait, are dead or are open do not meet it. An index has the rows that do,
   * ordered by `since`. Buckets have no such index: they are few, and each request would have to update it.
   */
  readonly expirable: string;
  /** The beginning of the statement that deletes the rows, or removes their payloads. */
  readonly removal: string;
}

const RETENTION_RULES: Readonly<Record<RetentionKind, RetentionRule>> = {
  message: {
    table: 'outbox',
    since: 'done_at',
    expirable: `done_at is not null and state in ('delivered', 'void')`,
    removal: 'delete from outbox',
  },
  payload: {
    table: 'provider_events',
    since: 'recorded_at',
    expirable: 'body is not null',
    removal: 'update provider_events set body = null',
  },
  incident: {
    table: 'incidents',
    since: 'closed_at',
    expirable: 'closed_at is not null',
    removal: 'delete from incidents',
  },
  mail: {
    table: 'mails',
    since: 'done_at',
    expirable: 'done_at is not null',
    removal: 'delete from mails',
  },
  webhook_try: {
    table: 'webhook_attempts',
    since: 'at',
    expirable: 'true',
    removal: 'delete from webhook_attempts',
  },
  webhook: {
    table: 'webhook_deliveries',
    since: 'done_at',
    expirable: `state = 'delivered'`,
    removal: 'delete from webhook_deliveries',
  },
  key: {
    table: 'idempotency_keys',
    since: 'created_at',
    expirable: 'true',
    removal: 'delete from idempotency_keys',
  },
  bucket: {
    table: 'rate_buckets',
    since: 'refilled_at',
    expirable: 'true',
    removal: 'delete from rate_buckets',
  },
  event: {
    table: 'events',
    since: 'recorded_at',
    expirable: 'true',
    removal: 'delete from events',
  },
};

/** The limit is a literal. If it were a parameter, Postgres might plan for a tenth of the table and not use the index. */
const forgetting = (kind: RetentionKind, batch: number) => {
  const { table, since, expirable, removal } = RETENTION_RULES[kind];
  return {
    sql: `
      ${removal}
      where ctid = any(array(
        select ctid from ${table}
        where ${expirable} and ${since} < statement_timestamp() - make_interval(secs => 86400 * :days)
        order by ${since} limit ${batch} for update skip locked))`,
    params: { days: 'float8' },
  } as const;
};

const inBatches = new Map(
  RETENTION_KINDS.map((kind) => [kind, statement(`forget_${kind}`, forgetting(kind, BATCH))]),
);

/**
 * Deletes a batch of the rows of a kind that are older than `days`, oldest first, and returns how many it deleted. It skips rows
 * that another relay is deleting, so any number of relays share the work.
 */
export function forget(db: Db, kind: RetentionKind, days: number, batch: number = BATCH): Promise<number> {
  const declared = batch === BATCH ? inBatches.get(kind) : undefined;
  return (declared ?? new Statement(`forget_${kind}`, forgetting(kind, batch))).run(db, { days });
}

/** SQL of the metric `tenor_kept_oldest_seconds`: the age in seconds of the oldest row of each kind. */
export const OLDEST_KEPT = RETENTION_KINDS.map((kind) => {
  const { table, since, expirable } = RETENTION_RULES[kind];
  return `select 'tenor_kept_oldest_seconds', jsonb_build_object('kind', '${kind}'),
    coalesce(extract(epoch from clock_timestamp() - (select min(${since}) from ${table} where ${expirable})), 0)::float8`;
}).join('\n  union all\n  ');
