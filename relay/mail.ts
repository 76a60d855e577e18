import { setTimeout as delay } from 'node:timers/promises';
import { onBehalfOf } from '../db/platform/call.ts';
import type { Pool } from '../db/platform/pool.ts';
import { isTransient } from '../db/platform/transient.ts';
import {
  type ClaimedMail,
  MAIL_LEASE_SECONDS,
  type MailRounds,
  type TryEnd,
  claimMails,
  storeTryEnd,
} from '../db/mails/queue.ts';
import { DomainError } from '../domain/errors.ts';
import { GIVE_UP_AFTER_S, nextTryIn } from '../domain/mails/retry.ts';
import { type ComposeDeps, type Composed, composeMail } from '../engine/mails/content.ts';
import { inParallel } from '../engine/platform/in-parallel.ts';
import type { Mailer } from '../mail/port.ts';
import type { Observer } from '../telemetry/observer.ts';

export interface MailDeps extends Omit<ComposeDeps, 'db' | 'ownAddress'> {
  readonly pool: Pool;
  readonly mailer: Mailer;
  readonly log: { warn(fields: object, message: string): void };
  readonly observer?: Pick<Observer, 'mail' | 'mailTry'> | undefined;
  /** Called when the SMTP server has accepted a mail, before this is stored. */
  readonly onMoment?: ((moment: 'mail:accepted') => void) | undefined;
}

const AT_ONCE = 5;
/** A batch begins no further try after this time since its claim, so that the last one ends within the lease. */
const BEGIN_WITHIN_MS = 45_000;
const STORE_AGAIN_MS = 500;

/** Sends a batch of the mails that are due. Returns how many of them are not queued any more. */
export async function deliverMails(deps: MailDeps, rounds?: MailRounds): Promise<number> {
  const claimed = await claimMails(deps.pool, rounds);
  const leasedUntil = performance.now() + MAIL_LEASE_SECONDS * 1_000;
  const until = performance.now() + BEGIN_WITHIN_MS;
  let done = 0;
  await inParallel(claimed, AT_ONCE, async (mail) => {
    if (performance.now() > until) return;
    const began = performance.now();
    const end = await onBehalfOf(mail.merchant_id, () => tryMail(deps, mail));
    const durationMs = performance.now() - began;
    if (!(await storeEnd(deps.pool, mail, { ...end, durationMs }, leasedUntil))) return;
    if (end.state !== 'queued') done += 1;
    report(deps, mail, end);
  });
  return done;
}

/**
 * Stores the end of a try. While the database does not answer, it repeats this, because a mail that was accepted and is not marked as
 * sent is sent again. Returns whether the mail was still leased to this relay.
 */
async function storeEnd(db: Pool, mail: ClaimedMail, end: TryEnd, leasedUntil: number): Promise<boolean> {
  for (;;) {
    try {
      return await storeTryEnd(db, mail, end);
    } catch (error) {
      if (!isTransient(error) || performance.now() > leasedUntil) throw error;
      await delay(STORE_AGAIN_MS);
    }
  }
}

/** The end of a try, without its duration. */
type End = Omit<TryEnd, 'durationMs'>;

/** Makes the content of a mail and sends it. It does not throw: each failure is an end of the try. */
async function tryMail(deps: MailDeps, mail: ClaimedMail): Promise<End> {
  const { pool: db, vault, pdfOf, mailer, onMoment } = deps;
  if (mail.age_seconds > GIVE_UP_AFTER_S)
    return { ...NO_REPLY, state: 'failed', outcome: 'skipped', reason: 'gave_up' };
  let composed: Composed;
  try {
    composed = await composeMail({ db, vault, pdfOf, ownAddress: mailer.ownAddress }, mail);
  } catch (error) {
    return endWithoutContent(mail, error);
  }
  if ('skipped' in composed) {
    const { skipped: reason } = composed;
    return { ...NO_REPLY, state: 'skipped', outcome: 'skipped', reason };
  }
  const { outcome, reply, detail } = await mailer.send(composed.outgoing);
  const { subject } = composed;
  if (outcome === 'accepted') {
    onMoment?.('mail:accepted');
    return { ...NO_REPLY, state: 'sent', outcome, reply, detail, subject };
  }
  const waitSeconds = nextTryIn(outcome, { tries: mail.tries, ageSeconds: mail.age_seconds });
  const reason = waitSeconds !== null ? null : outcome === 'refused' ? 'refused' : 'gave_up';
  const state = waitSeconds === null ? 'failed' : 'queued';
  return { state, outcome, reply, detail, reason, waitSeconds, subject };
}

/** The end of a try without a reply of the mail server. */
const NO_REPLY = { reply: null, detail: null, reason: null, waitSeconds: null, subject: null } as const;

/**
 * The end of a try whose content could not be made. An invalid template or subject and an erased PDF are permanent failures; after
 * every other error the mail is tried again. Only the code or the type of an error is stored, because its message may have personal
 * data.
 */
function endWithoutContent(mail: ClaimedMail, error: unknown): End {
  const detail = error instanceof DomainError ? error.code : error instanceof Error ? error.name : 'error';
  const isPermanent =
    error instanceof DomainError &&
    ['invalid_template', 'invalid_subject', 'pdf_erased'].includes(error.code);
  const wait = isPermanent
    ? null
    : nextTryIn('deferred', { tries: mail.tries, ageSeconds: mail.age_seconds });
  return {
    ...NO_REPLY,
    state: wait === null ? 'failed' : 'queued',
    outcome: 'error',
    detail,
    reason: isPermanent ? detail : wait === null ? 'gave_up' : null,
    waitSeconds: wait,
  };
}

function report(
  { log, observer }: MailDeps,
  mail: ClaimedMail,
  { state, outcome, reason, reply }: End,
): void {
  const { merchant_id: merchant, id, purpose, tries } = mail;
  observer?.mailTry({ outcome });
  if (state !== 'queued') observer?.mail({ purpose, state });
  if (state === 'failed')
    log.warn({ merchant, mail: id, purpose, reason, reply }, 'a mail could not be sent');
  else if (state === 'queued') {
    log.warn(
      { merchant, mail: id, purpose, tries, outcome, reply },
      'a mail was not sent; it is tried again',
    );
  }
}
