import type { Catalogue } from '../../domain/catalogue/terms.ts';
import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';
import { componentKind, pricing, terms } from './terms-schema.ts';

const selectVariants = statement('catalogueVariants', {
  sql: `
    select terms_of(v, g, p.name) as terms
    from plan_groups g
    join plans p on p.merchant_id = g.merchant_id and p.plan_group_id = g.id
    join variants va on va.merchant_id = p.merchant_id and va.plan_id = p.id
    join variant_versions v on v.merchant_id = va.merchant_id and v.variant_id = va.id
    where g.merchant_id = :merchant and g.id = :group
      and (v.id = any(:versions) or v.version = (
        select max(x.version) from variant_versions x where x.merchant_id = v.merchant_id and x.variant_id = v.variant_id))
    order by v.version desc`,
  params: { merchant: 'text', group: 'text', versions: 'text[]' },
  row: { terms },
  planned: true,
});

const selectComponents = statement('catalogueComponents', {
  sql: `
    select c.id as "componentId", c.kind, pricing_of_component(v, coalesce(c.tax_policy_id, g.tax_policy_id)) as pricing
    from components c
    join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
    join component_versions v on v.merchant_id = c.merchant_id and v.component_id = c.id
    where c.merchant_id = :merchant and c.plan_group_id = :group
      and (v.id = any(:versions) or v.version = (
        select max(x.version) from component_versions x where x.merchant_id = c.merchant_id and x.component_id = c.id))
    order by v.version desc`,
  params: { merchant: 'text', group: 'text', versions: 'text[]' },
  row: { componentId: text, kind: componentKind, pricing },
  planned: true,
});

/**
 * Loads the catalogue of a plan group: the newest versions of its variants and components, and the older versions that are named in
 * `versions`, such as those that scheduled changes have pinned. Newer versions come first.
 */
export async function loadCatalogue(
  db: Db,
  merchant: MerchantId,
  planGroupId: string,
  versions: readonly string[] = [],
): Promise<Catalogue> {
  const of = { merchant, group: planGroupId, versions };
  const variants = await selectVariants.rows(db, of);
  return { variants: variants.map((each) => each.terms), components: await selectComponents.rows(db, of) };
}
