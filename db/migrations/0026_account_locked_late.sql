-- A step that adds an invoice to an account, and takes nothing from what the account has, writes everything before it locks
-- the account: no credit may be left then, and the payment method must be the one that it was decided with.
create function lock_unchanged_account(merchant text, account text, contract text, method text) returns void
language plpgsql as $$
begin
  perform from billing_accounts b where b.merchant_id = merchant and b.id = account for no key update;
  if exists (select from credits c where c.merchant_id = merchant and c.account_id = account and c.left_minor > 0)
    or method is distinct from (select m.id from billing_accounts a
      left join contracts c on c.merchant_id = a.merchant_id and c.id = contract
      join payment_methods m on m.merchant_id = a.merchant_id and m.id = coalesce(c.payment_method_id, a.payment_method_id)
      where a.merchant_id = merchant and a.id = account and m.removed_at is null) then
    raise exception 'the account % is not as it was read', account using errcode = 'TN001';
  end if;
end $$;
