import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import type { PrintedParty } from '../../documents/document.ts';

/** The versions of the parties that something prints. */
interface Versions {
  readonly issuer_subject_id: string;
  readonly issuer_version: number;
  readonly recipient_subject_id: string;
  readonly recipient_version: number;
}

/** The version of the issuer's data. */
export const issuerOf = (row: Versions): VaultRef => ({
  subjectId: row.issuer_subject_id,
  version: row.issuer_version,
});

/** The version of the recipient's data. */
export const recipientOf = (row: Versions): VaultRef => ({
  subjectId: row.recipient_subject_id,
  version: row.recipient_version,
});

/** Reads what is printed of both parties from the vault, where the API has stored it after checking it. Null after erasure. */
export async function loadParties(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  row: Versions,
): Promise<Record<'issuer' | 'recipient', PrintedParty | null>> {
  return {
    issuer: await vault.open(db, merchant, issuerOf(row)),
    recipient: await vault.open(db, merchant, recipientOf(row)),
  };
}
