import {
  type MailRow,
  type MailTry,
  getMail,
  lockMailRow,
  queueAgain,
  resentWithinDay,
  storeBounce,
  triesOf,
} from '../../db/mails/mails.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DomainError } from '../../domain/errors.ts';
import { codesOf } from '../../domain/mails/server-replies.ts';
import { isOperatorPurpose } from '../../domain/mails/purposes.ts';
import { type MailAddresses, recipientsOf } from '../../domain/mails/recipients.ts';
import { addressBookOf } from '../parties/mail-data.ts';
import { operatorsOf } from './settings.ts';

/** A mail with its tries, and with the addresses of the last one. */
export interface MailWithTries {
  readonly mail: MailRow;
  readonly tries: readonly MailTry[];
  /** Null before the first try, and after the recipient's erasure. */
  readonly addresses: MailAddresses | null;
}

/** Reads a mail. @throws DomainError not_found */
export async function readMail(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  id: string,
): Promise<MailWithTries> {
  const mail = found(await getMail(db, merchant, id), 'mail');
  const tries = await triesOf(db, merchant, id);
  return { mail, tries, addresses: await addressesOf(db, vault, merchant, mail) };
}

async function addressesOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  { purpose, subject_id, subject_version }: MailRow,
): Promise<MailAddresses | null> {
  if (subject_id === null || subject_version === null) return null;
  if (isOperatorPurpose(purpose)) {
    const to = await operatorsOf(db, vault, merchant, { subject_id, version: subject_version });
    return { to, cc: [] };
  }
  const data = await vault.open(db, merchant, { subjectId: subject_id, version: subject_version });
  if (data === null) return null;
  const { email } = data;
  return recipientsOf(purpose, addressBookOf(data), typeof email === 'string' ? email : undefined);
}

/** The most repetitions of a mail within 24 hours. */
const MOST_RESENT = 10;

/**
 * Queues a mail again, as a mail of its own. Returns its id.
 * @throws DomainError not_found, mail_waits, too_many_resends
 */
export async function resendMail(tx: Tx, merchant: MerchantId, id: string): Promise<string> {
  const { state } = found(await lockMailRow(tx, merchant, id), 'mail');
  if (state === 'queued') throw new DomainError('mail_waits', 'the mail is still queued');
  if ((await resentWithinDay(tx, merchant, id)) >= MOST_RESENT) {
    throw new DomainError(
      'too_many_resends',
      `a mail is sent again ${MOST_RESENT} times in 24 hours at most`,
    );
  }
  return queueAgain(tx, merchant, id);
}

/**
 * Marks a sent mail as bounced. Repeating it changes nothing.
 * @throws DomainError not_found, mail_not_sent
 */
export async function bounceMail(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  reason: string | undefined,
): Promise<void> {
  const { state } = found(await lockMailRow(tx, merchant, id), 'mail');
  if (state === 'bounced') return;
  if (state !== 'sent') throw new DomainError('mail_not_sent', `the mail is ${state}`);
  await storeBounce(tx, merchant, id, reason === undefined ? null : codesOf(reason));
}
