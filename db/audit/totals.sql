select
  d.merchant_id, d.id, d.kind, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'position', l.position, 'amount', c.amount_minor::text, 'category', c.tax_category, 'rate', c.tax_rate::text,
      'net', l.net_minor::text, 'tax', l.tax_minor::text, 'credit', c.reverses_id is not null,
      'alike', c.account_id = d.account_id and c.currency = d.currency and c.price_mode = d.price_mode)
      order by l.position), '[]')
    from document_lines l
    join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
    where l.merchant_id = d.merchant_id and l.document_id = d.id) as lines,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'category', t.category, 'rate', t.rate::text, 'net', t.net_minor::text, 'tax', t.tax_minor::text)), '[]')
    from document_taxes t
    where t.merchant_id = d.merchant_id and t.document_id = d.id) as taxes
from part d
order by d.merchant_id, d.id
