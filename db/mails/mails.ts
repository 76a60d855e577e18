import { z } from 'zod';
import { MAIL_PURPOSES, MAIL_STATES } from '../../domain/mails/purposes.ts';
import { instant, int, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

export const mailRow = {
  id: text,
  purpose: z.enum(MAIL_PURPOSES),
  state: z.enum(MAIL_STATES),
  /** Why it was not sent, or why it came back. */
  reason: text.nullable(),
  /** The message of the last failure, without addresses. */
  last_error: text.nullable(),
  event: text.nullable(),
  resend_of: text.nullable(),
  customer: text.nullable(),
  document: text.nullable(),
  tries: int,
  due_at: instant,
  created_at: instant,
  sent_at: instant.nullable(),
  bounced_at: instant.nullable(),
  subject_id: text.nullable(),
  subject_version: int.nullable(),
};

/** A mail, without its addresses and its content. */
export type MailRow = RowOf<typeof mailRow>;

/** The select of mails, up to a condition on the merchant. */
export const MAIL = `
  select m.id, m.purpose, m.state, m.reason, m.last_error, m.event_id as event, m.resend_of, m.customer_id as customer,
    m.document_id as document, m.tries, m.due_at, m.created_at, m.sent_at, m.bounced_at, m.subject_id, m.subject_version
  from mails m where m.merchant_id = :merchant`;
const OF_MAIL = { merchant: 'text', mail: 'text' } as const;

const selectMail = statement('mail', { sql: `${MAIL} and m.id = :mail`, params: OF_MAIL, row: mailRow });

const lockMail = statement('lockMail', {
  sql: `${MAIL} and m.id = :mail for no key update of m`,
  params: OF_MAIL,
  row: mailRow,
});

export function getMail(db: Db, merchant: MerchantId, id: string): Promise<MailRow | null> {
  return selectMail.maybeRow(db, { merchant, mail: id });
}

/** Locks a mail that is about to change; null if there is none. */
export function lockMailRow(db: Db, merchant: MerchantId, id: string): Promise<MailRow | null> {
  return lockMail.maybeRow(db, { merchant, mail: id });
}

const tryRow = {
  n: int,
  at: instant,
  /** Null while the try is under way, and for a try whose process died. */
  outcome: z.enum(['accepted', 'refused', 'deferred', 'unreachable', 'skipped', 'error']).nullable(),
  reply: int.nullable(),
  detail: text.nullable(),
  duration_ms: int.nullable(),
};

/** A try to send a mail. */
export type MailTry = RowOf<typeof tryRow>;

const selectTries = statement('attemptsOfMail', {
  sql: `select n, at, outcome, reply, detail, took_ms as duration_ms from mail_attempts
    where merchant_id = :merchant and mail_id = :mail order by n`,
  params: OF_MAIL,
  row: tryRow,
});

/** The tries of a mail, oldest first. */
export function triesOf(db: Db, merchant: MerchantId, id: string): Promise<MailTry[]> {
  return selectTries.rows(db, { merchant, mail: id });
}

const insertCopy = statement('resendMail', {
  sql: `
    insert into mails (merchant_id, id, event_id, resend_of, purpose, customer_id, account_id, document_id, object_id, data)
    select merchant_id, :copy, event_id, coalesce(resend_of, id), purpose, customer_id, account_id, document_id, object_id, data
    from mails where merchant_id = :merchant and id = :mail`,
  params: { ...OF_MAIL, copy: 'text' },
});

const countCopies = statement('resentMails', {
  sql: `
    select count(*)::int as resent from mails m
    join mails c on c.merchant_id = m.merchant_id and c.resend_of = coalesce(m.resend_of, m.id)
      and c.created_at > statement_timestamp() - interval '1 day'
    where m.merchant_id = :merchant and m.id = :mail`,
  params: OF_MAIL,
  row: { resent: int },
});

/** How often a mail was sent again within a day. `id` is the mail, or one that repeats it. */
export async function resentWithinDay(db: Db, merchant: MerchantId, id: string): Promise<number> {
  return (await countCopies.row(db, { merchant, mail: id })).resent;
}

/** Queues a mail again, as a mail of its own with a Message-ID of its own. Returns its id. */
export async function queueAgain(db: Db, merchant: MerchantId, id: string): Promise<string> {
  const copy = newId('mail');
  await insertCopy.run(db, { merchant, mail: id, copy });
  return copy;
}

const markBounced = statement('markMailBounced', {
  sql: `update mails set state = 'bounced', reason = :reason, bounced_at = clock_timestamp()
    where merchant_id = :merchant and id = :mail and state = 'sent'`,
  params: { ...OF_MAIL, reason: 'text?' },
});

/** Marks a sent mail as bounced. */
export async function storeBounce(
  db: Db,
  merchant: MerchantId,
  id: string,
  reason: string | null,
): Promise<void> {
  await markBounced.run(db, { merchant, mail: id, reason });
}
