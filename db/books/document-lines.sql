-- The lines of a document, each with the charge that it prints. A credit also has the line that it takes back.
select
  l.position, c.id as charge, c.kind, c.text, c.from_date as from, c.to_date as to, c.quantity, c.unit_price,
  c.amount_minor, l.net_minor, derivation_of_line(c) as derivation, tax_of_line(c) as tax,
  s.component_id as component, s.id as subscription, coalesce(k.external_id, k.id) as contract, k.id as contract_id,
  case when r.id is not null then jsonb_build_object(
    'chargeId', r.id,
    'price', jsonb_build_object('model', model_of_line(r), 'part', r.derivation->'part'),
    'document', case when rd.id is not null then jsonb_build_object(
      'id', rd.id, 'kind', rd.kind, 'number', rd.number, 'issueDate', rd.issue_date) end) end as credited
from document_lines l
join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
left join contracts k on k.merchant_id = c.merchant_id and k.id = c.contract_id
left join items i on i.merchant_id = c.merchant_id and i.id = c.item_id
left join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
left join charges r on r.merchant_id = c.merchant_id and r.id = c.reverses_id
left join document_lines rl on rl.merchant_id = r.merchant_id and rl.charge_id = r.id
left join documents rd on rd.merchant_id = rl.merchant_id and rd.id = rl.document_id
where l.merchant_id = :merchant and l.document_id = :document
order by l.position
