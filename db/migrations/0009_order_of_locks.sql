-- The one order of locks (rule 46): clock (shared), customer, contracts by id, usage periods, account, receivables,
-- attempt, series. `for no key update` keeps others from changing a row, but lets them insert rows that refer to it.

-- Locks a contract and says what time it is there. A statement that calls this function sees the rows of the moment at
-- which it began, before it waited for the lock. They are those under the lock if the contract's row is of `version`.
drop function lock_contract(text, text);
create function lock_contract(merchant text, contract text, out now_at timestamptz, out advancing boolean,
  out phase text, out settled_through timestamptz, out version xid)
language plpgsql as $$
declare clock text;
begin
  select c.clock_id into clock from contracts c where c.merchant_id = merchant and c.id = contract;
  if clock is not null then
    select k.now_at, k.status = 'advancing' into now_at, advancing
      from test_clocks k where k.merchant_id = merchant and k.id = clock for share;
  else
    advancing := false;
  end if;
  select c.phase, c.settled_through, c.xmin into phase, settled_through, version
    from contracts c where c.merchant_id = merchant and c.id = contract for no key update;
  now_at := coalesce(now_at, date_trunc('milliseconds', clock_timestamp()));
end $$;

-- Locks an account and says what time it is there.
create function lock_account(merchant text, account text, out now_at timestamptz, out advancing boolean)
language plpgsql as $$
declare clock text;
begin
  select b.clock_id into clock from billing_accounts b where b.merchant_id = merchant and b.id = account;
  if clock is not null then
    select k.now_at, k.status = 'advancing' into now_at, advancing
      from test_clocks k where k.merchant_id = merchant and k.id = clock for share;
  else
    advancing := false;
  end if;
  perform from billing_accounts b where b.merchant_id = merchant and b.id = account for no key update;
  now_at := coalesce(now_at, date_trunc('milliseconds', clock_timestamp()));
end $$;

-- What decides how a document is settled, as `AccountBooks` (db/books/account-context.ts): the payment method of the
-- contract, or else of the account; credits and open receivables, oldest first. `taken` are those of `once`
-- (one-time charges that the document is to bill) that no longer wait.
create function account_books(merchant text, account text, contract text, once text[]) returns json
language plpgsql stable as $$
begin
  return (select json_build_object(
    'paymentMethod', (select json_build_object('id', m.id, 'provider', m.provider) from payment_methods m
      where m.merchant_id = merchant and m.removed_at is null and m.id = coalesce(
        (select c.payment_method_id from contracts c where c.merchant_id = merchant and c.id = contract), a.payment_method_id)),
    'credits', (select coalesce(json_agg(json_build_object('id', c.id, 'leftMinor', c.left_minor::text) order by c.effective_at, c.id), '[]')
      from credits c where c.merchant_id = merchant and c.account_id = account and c.left_minor > 0),
    'openReceivables', (select coalesce(json_agg(json_build_object('id', r.id, 'openMinor', r.open_minor::text,
        'underWay', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state in ('sent', 'pending', 'requires_action', 'unknown')),
        'collected', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state <> 'planned')) order by r.effective_at, r.id), '[]')
      from (select * from receivables x where x.merchant_id = merchant and x.account_id = account and x.open_minor > 0
            order by x.effective_at, x.id limit 100) r),
    'taken', (select coalesce(json_agg(o.id order by o.id), '[]') from one_time_charges o
      where o.merchant_id = merchant and o.id = any(once) and o.state <> 'waiting'))
    from billing_accounts a where a.merchant_id = merchant and a.id = account);
end $$;

-- The same under the account's lock, as it is once the lock is had. Comes after the contract's lock.
create function lock_account_books(merchant text, account text, contract text, once text[]) returns json
language plpgsql as $$
begin
  perform from billing_accounts b where b.merchant_id = merchant and b.id = account for no key update;
  return account_books(merchant, account, contract, once);
end $$;

-- A command that a transaction under an account's lock asks of a contract: stored from here, under the contract's.
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check (kind in ('start', 'wake', 'command', 'webhook'));
create index outbox_commands on outbox (merchant_id, object, id) where state = 'waiting' and kind = 'command';
