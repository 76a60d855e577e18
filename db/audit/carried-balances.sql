-- A carried balance must be the sum of all entries up to its own.
select
  'carried_balance_differs' as check_name, c.merchant_id, c.account_id as id,
  c.balance_minor || ' is carried after the entry ' || c.entry_id || ', and its entries add up to '
    || coalesce(s.balance_minor::text, 'nothing') as message
from part a
join carried_balances c on c.merchant_id = a.merchant_id and c.account_id = a.id
left join (
  select e.merchant_id, e.id, (sum(balance_change(e.merchant_id, e.id)) over (
    partition by e.merchant_id, e.account_id order by e.effective_at, e.id))::bigint as balance_minor
  from part a
  join journal_entries e on e.merchant_id = a.merchant_id and e.account_id = a.id
) s on s.merchant_id = c.merchant_id and s.id = c.entry_id
where s.balance_minor is distinct from c.balance_minor
