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
/** So long after its claim a batch begins no further try. One that was begun before ends within the lease. */
const BEGIN_WITHIN_MS = 45_000;
const STORE_AGAIN_MS = 500;

/** Sends a batch of the mails that are due. Returns how many of them it did not leave for later. */
export async function deliverMails(deps: MailDeps, rounds?: MailRounds): Promise<number> {
  const claimed = await claimMails(deps.pool, rounds);
  const leasedUntil = performance.now() + MAIL_LEASE_SECONDS * 1_000;
  const until = performance.now() + BEGIN_WITHIN_MS;
  let done = 0;
  await inParallel(claimed, AT_ONCE, async (mail) => {
    if (performance.now() > until) return;
    const began = performance.now();
    const end = await onBehalfOf(mail.merchant_id, () => tryMail(deps, mail));
    const stored = await storeEnd(
      deps.pool,
      mail,
      { ...end, tookMs: performance.now() - began },
      leasedUntil,
    );
    if (!stored) return;
    if (end.state !== 'queued') done += 1;
    note(deps, mail, end);
  });
  return done;
}

/**
 * Stores the end of a try. While the database does not answer it asks again, because a mail that was accepted and not marked would be
 * sent twice. Returns whether the mail was still this relay's.
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

type End = Omit<TryEnd, 'tookMs'>;

/** Makes the content of a mail and sends it. Everything that goes wrong becomes the end of the try. */
async function tryMail(deps: MailDeps, mail: ClaimedMail): Promise<End> {
  const { pool: db, vault, pdfOf, mailer, onMoment } = deps;
  if (mail.age_seconds > GIVE_UP_AFTER_S)
    return { ...NOTHING, state: 'failed', outcome: 'skipped', reason: 'gave_up' };
  let composed: Composed;
  try {
    composed = await composeMail({ db, vault, pdfOf, ownAddress: mailer.ownAddress }, mail);
  } catch (error) {
    return notComposed(mail, error);
  }
  if ('skipped' in composed) {
    const { skipped: reason } = composed;
    return { ...NOTHING, state: 'skipped', outcome: 'skipped', reason };
  }
  const { outcome, reply, detail } = await mailer.send(composed.outgoing);
  const { subject } = composed;
  if (outcome === 'accepted') {
    onMoment?.('mail:accepted');
    return { ...NOTHING, state: 'sent', outcome, reply, detail, subject };
  }
  const waitSeconds = nextTryIn(outcome, { tries: mail.tries, ageSeconds: mail.age_seconds });
  const reason = waitSeconds !== null ? null : outcome === 'refused' ? 'refused' : 'gave_up';
  const state = waitSeconds === null ? 'failed' : 'queued';
  return { state, outcome, reply, detail, reason, waitSeconds, subject };
}

const NOTHING = { reply: null, detail: null, reason: null, waitSeconds: null, subject: null } as const;

/**
 * The end of a try whose content could not be made. A template or a subject that is invalid stays so. Everything else is tried again.
 * Only the code or the type of an error is stored, because its message may have personal data.
 */
function notComposed(mail: ClaimedMail, error: unknown): End {
  const detail = error instanceof DomainError ? error.code : error instanceof Error ? error.name : 'error';
  const own =
    error instanceof DomainError &&
    ['invalid_template', 'invalid_subject', 'pdf_erased'].includes(error.code);
  const wait = own ? null : nextTryIn('deferred', { tries: mail.tries, ageSeconds: mail.age_seconds });
  return {
    ...NOTHING,
    state: wait === null ? 'failed' : 'queued',
    outcome: 'error',
    detail,
    reason: own ? detail : wait === null ? 'gave_up' : null,
    waitSeconds: wait,
  };
}

function note({ log, observer }: MailDeps, mail: ClaimedMail, { state, outcome, reason, reply }: End): void {
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
