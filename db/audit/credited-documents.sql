-- The credits of an invoice, on all documents together, must not exceed it (rule 16).
select
  'credits_exceed_invoice' as check_name, d.merchant_id, d.id,
  'of ' || t.category || ' at ' || t.rate || ' % it has ' || t.net_minor || ' and ' || t.tax_minor || ' of tax, its credits have '
    || t.credited_net_minor || ' and ' || t.credited_tax_minor as message
from (
  select p.merchant_id, p.id
  from part p
  where exists (
    select from document_lines l
    join charges c on c.merchant_id = l.merchant_id and c.reverses_id = l.charge_id
    where l.merchant_id = p.merchant_id and l.document_id = p.id)
) d
cross join lateral credited_taxes(d.merchant_id, array[d.id]) t
where t.amount_minor > 0
  and (t.credited_net_minor > t.net_minor or t.credited_tax_minor > t.tax_minor
    or t.credited_net_minor + t.credited_tax_minor > t.net_minor + t.tax_minor)
