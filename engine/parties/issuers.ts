import { checkSeries } from '../../domain/books/numbering.ts';
import { type NewIssuer, getIssuer, insertIssuer, storeIssuerParty } from '../../db/parties/issuers.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';

/**
 * Creates an issuer with its two number series. The names and addresses that it prints are stored in the vault.
 * @throws DomainError invalid_number_pattern, series_not_distinct, external_id_taken
 */
export async function createIssuer(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  issuer: NewIssuer,
): Promise<string> {
  checkSeries(issuer.series);
  return insertIssuer(db, merchant, issuer, await vault.create(db, merchant, issuer.party));
}

/**
 * Replaces the names and addresses that an issuer prints, from its next document on. Documents that exist keep their version.
 * @throws DomainError not_found
 */
export async function reviseIssuer(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  id: string,
  party: PartyData,
): Promise<void> {
  const { subject_id } = found(await getIssuer(db, merchant, id), 'issuer');
  const { version } = await vault.revise(db, merchant, subject_id, party);
  await storeIssuerParty(db, merchant, id, { name: party.name, version });
}
