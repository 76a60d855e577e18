-- Contracts of customers in a country that have not ended and that a tax policy may tax: through their plan group, one of its
-- components, or a one-time charge that waits on their account.
select c.id
from contracts c
join customers u on u.merchant_id = c.merchant_id and u.id = c.customer_id
join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
where c.merchant_id = :merchant and c.phase <> 'ended' and u.country = :country
  and (g.tax_policy_id = :policy
    or exists (
      select from components x
      where x.merchant_id = g.merchant_id and x.plan_group_id = g.id and x.tax_policy_id = :policy)
    or exists (
      select from one_time_charges o
      where o.merchant_id = c.merchant_id and o.account_id = c.account_id and o.state = 'waiting'
        and o.tax_policy_id = :policy))
order by c.id
