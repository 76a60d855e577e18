// SQL that writes prices and terms as the domain's JSON; `g` is the plan group's row, `p` the plan's.

export const interval = (v: string, prefix: string): string =>
  `json_build_object('unit', ${v}.${prefix}_unit, 'count', ${v}.${prefix}_count)`;
const optionalInterval = (v: string, prefix: string): string =>
  `case when ${v}.${prefix}_unit is not null then ${interval(v, prefix)} end`;

/** How long an interval is, to be added to an instant. */
export const lengthOf = (v: string, prefix: string): string =>
  `(${v}.${prefix}_count || ' ' || ${v}.${prefix}_unit)::interval`;

/** The price of a variant's fee; `v` is its version's row. */
export const feePricing = (v: string): string => `case when ${v}.fee is null then null else json_build_object(
  'componentVersionId', null, 'variantVersionId', ${v}.id, 'name', ${v}.name,
  'model', json_build_object('kind', 'simple', 'price', ${v}.fee::text), 'included', null, 'cap', null,
  'interval', ${interval(v, 'fee_interval')}, 'taxPolicyId', g.tax_policy_id,
  'mode', 'pre_paid', 'standalone', false, 'aggregation', null) end`;

/** The price of a component; `v` is its version's row. */
export const componentPricing = (v: string, component: string): string => `json_build_object(
  'componentVersionId', ${v}.id, 'variantVersionId', null, 'name', ${v}.name, 'model', ${v}.price_model,
  'included', ${v}.included::text, 'cap', ${v}.cap::text, 'interval', ${interval(v, 'interval')},
  'taxPolicyId', coalesce(${component}.tax_policy_id, g.tax_policy_id),
  'mode', ${v}.payment_mode, 'standalone', ${v}.standalone, 'aggregation', ${v}.aggregation)`;

/** A variant's version as `Terms`. */
export const termsOf = (v: string): string => `json_build_object(
  'variantId', ${v}.variant_id, 'variantVersionId', ${v}.id, 'planGroupId', g.id, 'planName', p.name, 'name', ${v}.name,
  'fee', ${feePricing(v)}, 'setupFee', ${v}.setup_fee::text, 'taxPolicyId', g.tax_policy_id,
  'feeInterval', ${interval(v, 'fee_interval')}, 'billingInterval', ${interval(v, 'billing_interval')},
  'trial', ${optionalInterval(v, 'trial')}, 'term', ${optionalInterval(v, 'term')},
  'renewal', ${optionalInterval(v, 'renewal')}, 'notice', ${optionalInterval(v, 'notice')},
  'proration', ${v}.proration, 'creditOnPause', ${v}.credit_on_pause, 'creditOnCancel', ${v}.credit_on_cancel,
  'components', (select coalesce(json_agg(json_build_object('componentId', vc.component_id, 'rule', vc.rule, 'quantity', vc.quantity::text,
      'included', vc.included::text, 'least', vc.least::text, 'most', vc.most::text)
      order by vc.component_id), '[]') from variant_components vc where vc.merchant_id = ${v}.merchant_id and vc.variant_version_id = ${v}.id))`;

/** Rates of policies as a list of `TaxRate`; `t` is the rate's row. */
export const TAX_RATES_OF = `coalesce(json_agg(json_build_object('taxPolicyId', t.tax_policy_id, 'country', t.country,
    'validFrom', t.valid_from, 'category', t.category, 'rate', t.rate::text, 'text', t.text)), '[]')`;
