import { checkComponentPrices, checkFees } from '../../domain/catalogue/prices.ts';
import {
  type OfferedComponent,
  checkComponent,
  checkLines,
  checkListed,
  checkRepublished,
  checkTerms,
} from '../../domain/catalogue/sellable.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  type ComponentRow,
  type ComponentTermsInput,
  type NewComponent,
  getComponent,
  insertComponent,
  insertComponentVersion,
  listingTerms,
  lockComponent,
} from '../../db/catalogue/components.ts';
import {
  type VariantTermsInput,
  insertVariant,
  insertVariantVersion,
  lockVariant,
} from '../../db/catalogue/variants.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found, resolve } from '../../db/platform/refs.ts';

/**
 * Creates a component with its first version.
 * @throws DomainError invalid_price, external_id_taken
 */
export async function createComponent(
  db: Db,
  merchant: MerchantId,
  component: NewComponent,
  terms: ComponentTermsInput,
): Promise<string> {
  const id = await insertComponent(db, merchant, component);
  await publishTerms(db, merchant, id, terms);
  return id;
}

/**
 * Publishes another version of a component. Contracts keep the version that they booked. If a variant lists the component,
 * its interval and payment mode must stay, and a bill of each such variant must not exceed the limit of lines.
 * @throws DomainError interval_mismatch, invalid_price, too_many_lines
 */
export async function publishComponent(
  db: Db,
  merchant: MerchantId,
  component: ComponentRow,
  terms: ComponentTermsInput,
): Promise<void> {
  const listedIn = await listingTerms(db, merchant, component.id);
  if (listedIn.length > 0) checkRepublished(component.version, terms);
  for (const variant of listedIn) checkListed(component.kind, terms, variant);
  await publishTerms(db, merchant, component.id, terms);
}

async function publishTerms(
  db: Db,
  merchant: MerchantId,
  componentId: string,
  terms: ComponentTermsInput,
): Promise<void> {
  checkComponentPrices(terms, await lockComponent(db, merchant, componentId));
  await insertComponentVersion(db, merchant, componentId, terms);
}

/**
 * Creates a variant with its first version.
 * @throws DomainError external_id_taken, and the codes of `publishVariant`
 */
export async function createVariant(
  db: Db,
  merchant: MerchantId,
  variant: { external_id?: string; plan: string },
  terms: VariantTermsInput,
): Promise<string> {
  const id = await insertVariant(db, merchant, variant);
  await publishVariant(db, merchant, id, terms);
  return id;
}

/**
 * Publishes a version of a variant. Contracts keep the version that they booked.
 * @throws DomainError interval_mismatch, invalid_term, component_of_other_plan_group, not_found,
 *   invalid_quantity, invalid_price, too_many_lines
 */
export async function publishVariant(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  terms: VariantTermsInput,
): Promise<void> {
  checkTerms(terms);
  const { plan_group_id, currency } = await lockVariant(db, merchant, variantId);
  checkFees(terms, currency);
  const components = await checkedComponents(db, merchant, plan_group_id, terms);
  await insertVariantVersion(db, merchant, variantId, { ...terms, components });
}

/** Resolves the components that a variant lists to their ids, and checks each against the variant's terms. */
async function checkedComponents(
  db: Db,
  merchant: MerchantId,
  planGroupId: string,
  terms: VariantTermsInput,
): Promise<VariantTermsInput['components'][number][]> {
  const checked: VariantTermsInput['components'][number][] = [];
  const offered: OfferedComponent[] = [];
  for (const [index, listed] of terms.components.entries()) {
    const field = `components[${index}].component`;
    const id = await resolve(db, merchant, 'component', listed.component, field);
    if (checked.some((each) => each.component === id)) {
      throw new DomainError('invalid_request', 'the component is listed twice', { field });
    }
    const component = found(await getComponent(db, merchant, id), 'component', field);
    if (component.plan_group !== planGroupId) {
      throw new DomainError('component_of_other_plan_group', 'the component is of another plan group', {
        field,
      });
    }
    const { interval, payment_mode: mode, standalone, price: model, cap } = component.version;
    const offer = { ...listed, kind: component.kind, interval, mode, standalone, model, cap };
    checkComponent(terms, offer, `components[${index}]`);
    checked.push({ ...listed, component: id });
    offered.push(offer);
  }
  checkLines(terms, offered);
  return checked;
}
