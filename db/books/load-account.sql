-- The terms of an account, and the place where one-time charges of the account, or of one of its contracts, are taxed.
select
  account_terms_of(a, i, u) as terms, a.price_mode as mode, a.deactivated_at is not null as deactivated,
  json_build_object(
    'zone', coalesce(c.time_zone, a.time_zone), 'country', u.country, 'currency', a.currency,
    'taxRates', (
      select coalesce(json_agg(tax_rate_of(t)), '[]') from tax_rates t
      where t.merchant_id = a.merchant_id and t.tax_policy_id = :taxPolicy and t.country = u.country)) as place
from billing_accounts a
join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
left join contracts c on c.merchant_id = a.merchant_id and c.id = :contract
where a.merchant_id = :merchant and a.id = :account
