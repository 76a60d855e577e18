import { refuseForeignIssuer } from '../../domain/parties/tree.ts';
import { customerWithAbove } from '../../db/parties/customers.ts';
import { ownerOfIssuer } from '../../db/parties/issuers.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';

/**
 * Refuses an issuer that does not bill a customer: one that belongs to a customer who is not above it in the tree. A customer that
 * is not stored yet is named by its parent.
 * @throws DomainError foreign_issuer
 */
export async function checkIssuer(
  db: Db,
  merchant: MerchantId,
  issuerId: string,
  billed: { readonly customer: string } | { readonly parent: string | null },
): Promise<void> {
  const owner = await ownerOfIssuer(db, merchant, issuerId);
  if (owner === null) return;
  refuseForeignIssuer(owner, await aboveOf(db, merchant, billed), 'issuer');
}

async function aboveOf(
  db: Db,
  merchant: MerchantId,
  billed: { readonly customer: string } | { readonly parent: string | null },
): Promise<string[]> {
  if ('customer' in billed) return (await customerWithAbove(db, merchant, billed.customer)).slice(1);
  return billed.parent === null ? [] : customerWithAbove(db, merchant, billed.parent);
}
