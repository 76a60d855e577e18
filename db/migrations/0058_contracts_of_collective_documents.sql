-- The contracts of a collective document, by which lists find it; and the event of a run that was done.

-- A document of one contract names it itself.
create table document_contracts (
  merchant_id text not null,
  contract_id text not null,
  effective_at timestamptz not null,
  document_id text not null,
  primary key (merchant_id, document_id, contract_id),
  foreign key (merchant_id, contract_id) references contracts (merchant_id, id),
  -- The document's own row is inserted last, with its number.
  foreign key (merchant_id, document_id) references documents (merchant_id, id) deferrable initially deferred
);
create index collective_documents_of_contract on document_contracts (merchant_id, contract_id, effective_at, document_id);
create trigger append_only before delete or update on document_contracts for each row execute function refuse_edit();
create trigger never_truncated before truncate on document_contracts for each statement execute function refuse_loss();
insert into document_contracts (merchant_id, contract_id, effective_at, document_id)
  select distinct r.merchant_id, c.contract_id, r.until_at, r.document_id
  from account_runs r
  join document_lines l on l.merchant_id = r.merchant_id and l.document_id = r.document_id
  join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
  where c.contract_id is not null;

create function event_from_run() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select new.merchant_id, 'account.run_finished', new.account_id, new.account_id, null, new.done_at,
      jsonb_build_object('run', new.id, 'cause', new.cause, 'until', iso(new.until_at), 'invoice', new.document_id,
        'left_out', to_jsonb(new.left_out));
  return null;
end $$;
create trigger makes_event after insert on account_runs for each row when (new.state = 'done') execute function event_from_run();
create trigger makes_event_of_planned after update of state on account_runs for each row
  when (old.state = 'planned' and new.state = 'done') execute function event_from_run();
