select
  o.merchant_id, o.id, o.state, o.quantity, o.unit_price, o.currency, c.amount_minor,
  c.account_id = o.account_id
    and c.contract_id is not distinct from coalesce(o.contract_id, c.contract_id)
    and c.currency = o.currency and c.price_mode = o.price_mode
    and c.quantity = o.quantity and c.unit_price = o.unit_price
    and (c.from_date = o.service_date or o.kind = 'setup') as alike
from part o
left join charges c on c.merchant_id = o.merchant_id and c.one_time_id = o.id
order by o.merchant_id, o.id
