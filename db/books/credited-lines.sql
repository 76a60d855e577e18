-- Lines that are about to be credited, each with its document.
select
  jsonb_build_object(
    'chargeId', r.id,
    'price', jsonb_build_object('model', model_of_line(r), 'part', r.derivation->'part'),
    'document', case when rd.id is not null then jsonb_build_object(
      'id', rd.id, 'kind', rd.kind, 'number', rd.number, 'issueDate', rd.issue_date) end) as credited
from charges r
left join document_lines rl on rl.merchant_id = r.merchant_id and rl.charge_id = r.id
left join documents rd on rd.merchant_id = rl.merchant_id and rd.id = rl.document_id
where r.merchant_id = :merchant and r.id = any(:charges)
