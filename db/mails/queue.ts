import { z } from 'zod';
import { MAIL_PURPOSES } from '../../domain/mails/purposes.ts';
import { float, instant, int, merchant, object, text } from '../platform/columns.ts';
import type { Db } from '../platform/pool.ts';
import { roundsOf } from '../platform/rounds.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The lease of a claimed mail. It is longer than a batch may take (`relay/mail.ts`). */
export const MAIL_LEASE_SECONDS = 90;
/** The most mails of a batch. */
const MOST_CLAIMED = 10;

const free = (row: string): string =>
  `(${row}.lease_until is null or ${row}.lease_until <= statement_timestamp())`;

/** Begins rounds over the merchants whose mails a relay claims. */
export const mailRounds = roundsOf('mailRounds', {
  waiting: `from mails q where q.state = 'queued'`,
  due: 'q.due_at',
  until: 'statement_timestamp()',
  params: {},
  free: free('q'),
  atOnce: MOST_CLAIMED,
});
export type MailRounds = ReturnType<typeof mailRounds>;

const claimed = {
  merchant_id: merchant,
  id: text,
  purpose: z.enum(MAIL_PURPOSES),
  customer_id: text.nullable(),
  account_id: text.nullable(),
  document_id: text.nullable(),
  object_id: text,
  data: object,
  created_at: instant,
  /** The number of the try that the claim begins. It also identifies the claim. */
  tries: int,
  age_seconds: float,
};

/** A mail that its caller has leased. */
export type ClaimedMail = RowOf<typeof claimed>;

const claimDue = statement('claimMails', {
  sql: `
    with mine as materialized (select q.merchant_id, q.id from unnest(:merchants, :most) t (merchant_id, most) cross join lateral (
      select m.merchant_id, m.id from mails m
      where m.state = 'queued' and ${free('m')}
        and m.merchant_id >= t.merchant_id and (m.merchant_id, m.due_at) <= (t.merchant_id, statement_timestamp())
      order by m.merchant_id, m.due_at limit t.most for no key update skip locked) q),
    leased as (
      update mails m set tries = m.tries + 1, lease_until = statement_timestamp() + interval '${MAIL_LEASE_SECONDS} seconds'
      -- Arrays, so that Postgres reads the primary key and not the whole table, as it might for a join.
      where m.merchant_id = any(:merchants) and m.id = any(array(select id from mine))
        and (m.merchant_id, m.id) in (select merchant_id, id from mine)
      returning m.merchant_id, m.id, m.purpose, m.customer_id, m.account_id, m.document_id, m.object_id, m.data, m.created_at,
        m.tries, extract(epoch from statement_timestamp() - m.created_at)::float8 as age_seconds),
    begun as (insert into mail_attempts (merchant_id, mail_id, n) select merchant_id, id, tries from leased)
    select * from leased`,
  params: { merchants: 'text[]', most: 'int[]' },
  row: claimed,
});

/**
 * Claims due mails for the caller, with a lease, and stores the beginning of a try of each. Each merchant with due mails gets a part of the batch. If
 * the caller dies, its mails can be claimed again when the lease ends.
 */
export async function claimMails(db: Db, rounds: MailRounds = mailRounds()): Promise<ClaimedMail[]> {
  const { turns } = await rounds.next(db, {});
  if (turns.length === 0) return [];
  return claimDue.rows(db, {
    merchants: turns.map((turn) => turn.merchant),
    most: turns.map(({ most }) => Math.min(most, MOST_CLAIMED)),
  });
}

/** The end of a try, and the state that the mail has after it. */
export interface TryEnd {
  readonly state: 'queued' | 'sent' | 'failed' | 'skipped';
  readonly outcome: 'accepted' | 'refused' | 'deferred' | 'unreachable' | 'skipped' | 'error';
  readonly reply: number | null;
  readonly detail: string | null;
  readonly reason: string | null;
  readonly durationMs: number;
  /** The time until the next try, of a mail that stays queued. */
  readonly waitSeconds: number | null;
  /** The version of the vault that had the addresses; null if none was read. */
  readonly subject: { readonly subjectId: string; readonly version: number } | null;
}

const endTry = statement('endTryOfMail', {
  sql: `
    with ended as (
      update mails set state = :state, reason = :reason, last_error = case when :state = 'sent' then null else :detail end,
        lease_until = null, subject_id = coalesce(:subject, subject_id), subject_version = coalesce(:version, subject_version),
        due_at = case when :wait is null then due_at else statement_timestamp() + make_interval(secs => :wait) end,
        sent_at = case when :state = 'sent' then statement_timestamp() end,
        done_at = case when :state <> 'queued' then statement_timestamp() end
      where merchant_id = :merchant and id = :mail and tries = :n and state = 'queued'
      returning id)
    update mail_attempts a set outcome = :outcome, reply = :reply, detail = :detail, took_ms = :took
    from ended where a.merchant_id = :merchant and a.mail_id = ended.id and a.n = :n`,
  params: {
    merchant: 'text',
    mail: 'text',
    n: 'int',
    state: 'text',
    reason: 'text?',
    outcome: 'text',
    reply: 'int?',
    detail: 'text?',
    took: 'int',
    wait: 'float8?',
    subject: 'text?',
    version: 'int?',
  },
});

/**
 * Stores the end of a try. Changes nothing if another relay has claimed the mail since then. Returns whether the mail was still the
 * caller's.
 */
export async function storeTryEnd(
  db: Db,
  { merchant_id, id, tries }: Pick<ClaimedMail, 'merchant_id' | 'id' | 'tries'>,
  { state, outcome, reply, detail, reason, durationMs, waitSeconds, subject }: TryEnd,
): Promise<boolean> {
  const ended = await endTry.run(db, {
    merchant: merchant_id,
    mail: id,
    n: tries,
    state,
    outcome,
    reply,
    detail,
    reason,
    took: Math.round(durationMs),
    wait: waitSeconds,
    subject: subject?.subjectId ?? null,
    version: subject?.version ?? null,
  });
  return ended > 0;
}
