-- How prices, terms and taxes are written as JSON, for all statements that answer them. Each is one expression, which
-- Postgres puts in place of the call.

create function interval_of(unit text, count integer) returns json language sql immutable as $$
  select case when unit is not null then json_build_object('unit', unit, 'count', count) end
$$;

create function length_of(unit text, count integer) returns interval language sql immutable as $$
  select (count || ' ' || unit)::interval
$$;

create function pricing_of_fee(v variant_versions, tax_policy text) returns json language sql stable as $$
  select case when v.fee is not null then json_build_object(
    'componentVersionId', null, 'variantVersionId', v.id, 'name', v.name,
    'model', json_build_object('kind', 'simple', 'price', v.fee::text), 'included', null, 'cap', null,
    'interval', interval_of(v.fee_interval_unit, v.fee_interval_count), 'taxPolicyId', tax_policy,
    'mode', 'pre_paid', 'standalone', false, 'aggregation', null) end
$$;

create function pricing_of_component(v component_versions, tax_policy text) returns json language sql stable as $$
  select json_build_object(
    'componentVersionId', v.id, 'variantVersionId', null, 'name', v.name, 'model', v.price_model,
    'included', v.included::text, 'cap', v.cap::text, 'interval', interval_of(v.interval_unit, v.interval_count),
    'taxPolicyId', tax_policy, 'mode', v.payment_mode, 'standalone', v.standalone, 'aggregation', v.aggregation)
$$;

create function terms_of(v variant_versions, g plan_groups, plan_name text) returns json language sql stable as $$
  select json_build_object(
    'variantId', v.variant_id, 'variantVersionId', v.id, 'planGroupId', g.id, 'planName', plan_name, 'name', v.name,
    'fee', pricing_of_fee(v, g.tax_policy_id), 'setupFee', v.setup_fee::text, 'taxPolicyId', g.tax_policy_id,
    'feeInterval', interval_of(v.fee_interval_unit, v.fee_interval_count),
    'billingInterval', interval_of(v.billing_interval_unit, v.billing_interval_count),
    'trial', interval_of(v.trial_unit, v.trial_count), 'term', interval_of(v.term_unit, v.term_count),
    'renewal', interval_of(v.renewal_unit, v.renewal_count), 'notice', interval_of(v.notice_unit, v.notice_count),
    'proration', v.proration, 'creditOnPause', v.credit_on_pause, 'creditOnCancel', v.credit_on_cancel,
    'components', (
      select coalesce(json_agg(json_build_object(
        'componentId', vc.component_id, 'rule', vc.rule, 'quantity', vc.quantity::text, 'included', vc.included::text,
        'least', vc.least::text, 'most', vc.most::text) order by vc.component_id), '[]')
      from variant_components vc where vc.merchant_id = v.merchant_id and vc.variant_version_id = v.id))
$$;

create function tax_of_line(l charges) returns json language sql stable as $$
  select json_build_object('category', l.tax_category, 'rate', l.tax_rate::text, 'text', l.tax_text, 'country', l.tax_country)
$$;

-- The price model of a stored line: that of the version that it names, unless it keeps one, as lines of before do.
create function model_of_line(l charges) returns jsonb language sql stable as $$
  select coalesce(
    l.derivation->'model',
    (select v.price_model from component_versions v
      where v.merchant_id = l.merchant_id and v.id = l.derivation->'price'->>'component_version'),
    (select jsonb_build_object('kind', 'simple', 'price', v.fee::text) from variant_versions v
      where v.merchant_id = l.merchant_id and v.id = l.derivation->'price'->>'variant_version'))
$$;

create function derivation_of_line(l charges) returns jsonb language sql stable as $$
  select case when l.derivation ? 'price'
    then l.derivation || jsonb_build_object('model', model_of_line(l)) else l.derivation end
$$;

create function tax_rate_of(t tax_rates) returns json language sql stable as $$
  select json_build_object('taxPolicyId', t.tax_policy_id, 'country', t.country, 'validFrom', t.valid_from,
    'category', t.category, 'rate', t.rate::text, 'text', t.text)
$$;

create function one_time_of(o one_time_charges) returns json language sql stable as $$
  select json_build_object('id', o.id, 'kind', o.kind, 'text', o.text, 'reference', o.reference,
    'application', o.application, 'serviceDate', o.service_date, 'quantity', o.quantity::text,
    'unitPrice', o.unit_price::text, 'taxPolicyId', o.tax_policy_id, 'madeAt', iso(o.created_at))
$$;

create function item_of(i items, component text, ends_at timestamptz, pricing json) returns json language sql stable as $$
  select json_build_object(
    'id', i.id, 'origin', coalesce(i.origin_id, i.id), 'subject', i.subject, 'componentId', component,
    'revision', i.revision, 'quantity', i.quantity::text, 'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at),
    'endsAt', iso(item_of.ends_at), 'included', i.included::text, 'pricing', pricing)
$$;

create function account_terms_of(a billing_accounts, i issuers, u customers) returns json language sql stable as $$
  select json_build_object(
    'merchantId', a.merchant_id, 'accountId', a.id, 'clockId', a.clock_id, 'paymentTermDays', a.payment_term_days,
    'issuer', json_build_object('id', i.id, 'zone', i.time_zone, 'subjectId', i.subject_id, 'version', i.subject_version),
    'language', u.language, 'invoiceTitle', u.invoice_title,
    'recipient', json_build_object('subjectId', u.subject_id, 'version', u.subject_version),
    'patterns', (select json_object_agg(s.kind, s.pattern) from number_series s
      where s.merchant_id = a.merchant_id and s.issuer_id = i.id))
$$;
