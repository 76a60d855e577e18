-- An attempt with the data that its provider needs.
select
  t.id, t.merchant_id as merchant, t.receivable_id as "receivableId", t.collection_id as "collectionId",
  t.account_id as "accountId",
  t.contract_id as "contractId", a.clock_id as "clockId", t.state, t.provider, t.provider_object as "providerObject",
  t.amount_minor as "amountMinor", t.currency, m.token, m.removed_at is not null as "methodRemoved",
  coalesce(ceil(extract(epoch from t.lease_until - clock_timestamp())), 0)::int as "leaseSeconds",
  coalesce(k.now_at, date_trunc('milliseconds', clock_timestamp())) as now
from attempts t
join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
join payment_methods m on m.merchant_id = t.merchant_id and m.id = t.payment_method_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
where t.id = :attempt
