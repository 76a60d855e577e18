import type { Catalogue, Terms } from '../../domain/contracts/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { loadCatalogue } from '../../db/catalogue/load-catalogue.ts';
import { groupOfVariant } from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { resolve } from '../../db/platform/refs.ts';

/** The terms that an order books, and their plan group. */
export interface OrderedVariant {
  readonly terms: Terms;
  readonly planGroupId: string;
  readonly issuerId: string;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** Everything that is sold in the plan group. */
  readonly catalogue: Catalogue;
}

/**
 * Finds the variant that an order names, with its plan group.
 * @throws DomainError not_found, variant_not_published
 */
export async function findVariant(db: Db, merchant: MerchantId, reference: string): Promise<OrderedVariant> {
  const id = await resolve(db, merchant, 'variant', reference, 'variant');
  const group = await groupOfVariant(db, merchant, id);
  const catalogue = await loadCatalogue(db, merchant, group.id);
  const terms = catalogue.variants.find((each) => each.variantId === id);
  if (terms === undefined)
    throw new DomainError('variant_not_published', 'the variant has no published version', {
      field: 'variant',
    });
  const { id: planGroupId, issuer_id: issuerId, currency, price_mode: priceMode } = group;
  return { terms, planGroupId, issuerId, currency, priceMode, catalogue };
}
