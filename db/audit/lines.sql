select
  c.merchant_id, c.id, c.kind, c.starts_at, c.ends_at, c.from_date, c.to_date, c.quantity, c.unit_price, c.full_amount,
  c.unit, c.days, c.full_days, c.amount_minor, c.currency, derivation_of_line(c.line) as derivation,
  k.time_zone as zone, l.amount_minor as line_minor,
  (
    select sum(x.amount_minor)::bigint from charges x
    where x.merchant_id = c.merchant_id and x.reverses_id = c.reverses_id) as credits_minor
from part c
left join contracts k on k.merchant_id = c.merchant_id and k.id = c.contract_id
left join charges l on l.merchant_id = c.merchant_id and l.id = c.reverses_id
order by c.merchant_id, c.id
