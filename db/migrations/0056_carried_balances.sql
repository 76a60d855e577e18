-- The balances of accounts after some of their entries, about one in 32. A list of entries, a statement and the balance of an account
-- begin with the nearest of them, so they never add up all entries of the account (ADR 35).

create table carried_balances (
  merchant_id text not null,
  account_id text not null,
  effective_at timestamptz not null,
  entry_id text not null,
  -- After this entry. A debt is negative.
  balance_minor bigint not null,
  primary key (merchant_id, account_id, effective_at, entry_id),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id)
) with (fillfactor = 80);
create trigger kept before delete on carried_balances for each row execute function refuse_loss();
create trigger never_truncated before truncate on carried_balances for each statement execute function refuse_loss();

-- By how much an entry changed the balance of its account.
create function balance_change(merchant text, entry text) returns bigint language sql stable as $$
  select coalesce(-sum(p.amount_minor), 0)::bigint
  from postings p where p.merchant_id = merchant and p.entry_id = entry and p.ledger_account = 'receivable'
$$;

-- The balance of an account before an entry, or before an instant. Entries have the order of their instants and ids. The settings
-- make it use indexes also in a session that planned it while the tables were small.
create function balance_before(merchant text, account text, before_at timestamptz, before_id text) returns bigint language sql stable
  set enable_seqscan = off set enable_bitmapscan = off as $$
  select coalesce(c.balance_minor, 0) + (
    select coalesce(sum((
      select -sum(p.amount_minor) from postings p
      where p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable')), 0)::bigint
    from journal_entries e
    where e.merchant_id = merchant and e.account_id = account and (e.effective_at, e.id) < (before_at, before_id)
      and (e.effective_at, e.id) > (coalesce(c.effective_at, '-infinity'), coalesce(c.entry_id, '')))
  from (select) one
  left join lateral (
    select b.effective_at, b.entry_id, b.balance_minor from carried_balances b
    where b.merchant_id = merchant and b.account_id = account and (b.effective_at, b.entry_id) < (before_at, before_id)
    order by b.effective_at desc, b.entry_id desc limit 1) c on true
$$;

-- Carries balances. It runs at the end of the transaction, which has the account's lock then, so it sees all entries of the account.
create function carry_balance() returns trigger language plpgsql set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  change bigint := balance_change(new.merchant_id, new.id);
  -- The entries of this transaction with carried balances, which already include its other entries.
  carried text := coalesce(current_setting('tenor.carried', true), '');
begin
  -- An entry that is posted late changes all balances after it.
  update carried_balances c set balance_minor = c.balance_minor + change
    where c.merchant_id = new.merchant_id and c.account_id = new.account_id
      and (c.effective_at, c.entry_id) > (new.effective_at, new.id) and position(c.entry_id in carried) = 0;
  -- The last character of an id is one of 32, at random.
  if right(new.id, 1) = '0' then
    insert into carried_balances (merchant_id, account_id, effective_at, entry_id, balance_minor)
      values (new.merchant_id, new.account_id, new.effective_at, new.id,
        balance_before(new.merchant_id, new.account_id, new.effective_at, new.id) + change);
    perform set_config('tenor.carried', carried || ' ' || new.id, true);
  end if;
  return null;
end $$;

create constraint trigger carries_balance after insert on journal_entries deferrable initially deferred
  for each row execute function carry_balance();
