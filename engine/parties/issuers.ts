import { checkSeries } from '../../domain/books/numbering.ts';
import {
  type NewIssuer,
  getIssuer,
  insertIssuer,
  lockIssuer,
  storeIssuerMail,
  storeIssuerParty,
} from '../../db/parties/issuers.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DomainError } from '../../domain/errors.ts';
import { withLogo } from './logos.ts';
import { senderOf, withMail } from './mail-data.ts';

/**
 * Creates an issuer with its two number series. The names and addresses that it prints are stored in the vault.
 * @throws DomainError invalid_number_pattern, series_not_distinct, external_id_taken, mail_sender_missing, invalid_logo
 */
export async function createIssuer(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  { logo, ...issuer }: NewIssuer & { readonly logo?: Uint8Array },
): Promise<string> {
  checkSeries(issuer.series);
  const { mail_enabled = false, mail_from, mail_reply_to } = issuer;
  const sender = revisedSender({}, { mail_from, mail_reply_to });
  checkSender(mail_enabled, sender);
  const data = await withLogo(db, merchant, withMail(issuer.party, sender), logo ?? null);
  const id = await insertIssuer(db, merchant, issuer, await vault.create(db, merchant, data));
  if (mail_enabled) await storeIssuerMail(db, merchant, id, true);
  return id;
}

/** Changes of an issuer. Omitted fields stay as they are; null removes an address or the logo. */
export interface IssuerRevision {
  readonly party?: PartyData;
  /** The bytes of a picture. */
  readonly logo?: Uint8Array | null;
  readonly mail_enabled?: boolean;
  readonly mail_from?: string | null;
  readonly mail_reply_to?: string | null;
}

/**
 * Replaces the names and addresses, or the logo, that an issuer prints, from its next document on, or the settings of its mails.
 * Documents that exist keep their version.
 * @throws DomainError not_found, mail_sender_missing, invalid_logo
 */
export async function reviseIssuer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  id: string,
  { party, logo, mail_enabled, ...mail }: IssuerRevision,
): Promise<void> {
  // Of two changes at once, the second one must see the first.
  await lockIssuer(tx, merchant, id);
  const issuer = found(await getIssuer(tx, merchant, id), 'issuer');
  const ref = { subjectId: issuer.subject_id, version: issuer.version };
  const current = found(await vault.open(tx, merchant, ref), 'issuer');
  const sender = revisedSender(senderOf(current), mail);
  checkSender(mail_enabled ?? issuer.mail_enabled, sender);
  const changesData = party !== undefined || logo !== undefined || Object.keys(mail).length > 0;
  if (changesData) {
    const { mail: _, logo: currentLogo, ...currentParty } = current;
    const revised = withMail(party ?? currentParty, sender);
    const data =
      logo === undefined && currentLogo !== undefined
        ? { ...revised, logo: currentLogo }
        : await withLogo(tx, merchant, revised, logo ?? null);
    const { version } = await vault.revise(tx, merchant, issuer.subject_id, data);
    await storeIssuerParty(tx, merchant, id, { name: data.name, version });
  }
  if (mail_enabled !== undefined) await storeIssuerMail(tx, merchant, id, mail_enabled);
}

type Sender = ReturnType<typeof senderOf>;

/** The sender with the changed addresses. */
function revisedSender(
  current: Sender,
  {
    mail_from = current.from,
    mail_reply_to = current.reply_to,
  }: { mail_from?: string | null | undefined; mail_reply_to?: string | null | undefined },
): Sender {
  return {
    ...(typeof mail_from === 'string' ? { from: mail_from } : {}),
    ...(typeof mail_reply_to === 'string' ? { reply_to: mail_reply_to } : {}),
  };
}

/** Mails can only be switched on with a sender. @throws DomainError mail_sender_missing */
function checkSender(enabled: boolean, { from }: Sender): void {
  if (!enabled || from !== undefined) return;
  throw new DomainError('mail_sender_missing', 'mails need a sender', { field: 'mail_from' });
}
