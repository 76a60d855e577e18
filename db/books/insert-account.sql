-- Makes an account for a customer; the first of its customer, issuer and currency is the default.
insert into billing_accounts (
  merchant_id, id, customer_id, issuer_id, clock_id, currency, name, is_default, payment_term_days, payment_method_id,
  time_zone
)
select
  c.merchant_id, :account, c.id, :issuer, c.clock_id, :currency, :name,
  not exists (
    select from billing_accounts b
    where b.merchant_id = c.merchant_id and b.customer_id = c.id and b.issuer_id = :issuer
      and b.currency = :currency and b.is_default
  ),
  coalesce(:termDays, c.payment_term_days, 0), :method, c.time_zone
from customers c
where c.merchant_id = :merchant and c.id = :customer
