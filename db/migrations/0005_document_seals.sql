-- A document is sealed when it becomes final: what it prints and how its lines came to their amounts, as a hash beside
-- it, so that an edit that got past the triggers is found.

-- All that makes a document what it is, as one text. Columns by name: one that is added later changes no seal.
create function document_content(merchant text, document text) returns text language sql stable as $$
  select jsonb_build_array(d.kind, d.number, d.title, d.account_id, d.contract_id, d.issue_date, d.due_date, d.service_from, d.service_to,
    d.currency, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor, d.recipient_subject_id, d.recipient_version,
    d.issuer_subject_id, d.issuer_version, iso(d.effective_at),
    (select jsonb_agg(jsonb_build_array(l.position, l.net_minor, c.kind, c.text, iso(c.starts_at), iso(c.ends_at), c.from_date, c.to_date,
        c.quantity, c.unit_price, c.amount_minor, c.tax_category, c.tax_rate, c.tax_text, c.tax_country, c.derivation) order by l.position)
      from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
      where l.merchant_id = d.merchant_id and l.document_id = d.id),
    (select jsonb_agg(jsonb_build_array(t.category, t.rate, t.text, t.net_minor, t.tax_minor) order by t.category collate "C", t.rate)
      from document_taxes t where t.merchant_id = d.merchant_id and t.document_id = d.id))::text
  from documents d where d.merchant_id = merchant and d.id = document
$$;

create table document_seals (
  merchant_id text not null,
  document_id text not null,
  seal bytea not null, -- SHA-256 of its content
  primary key (merchant_id, document_id),
  foreign key (merchant_id, document_id) references documents
);
create trigger append_only before update or delete on document_seals for each row execute function refuse_edit();

-- Runs when the statement that makes a document is done, and its lines and taxes are there.
create function seal_document() returns trigger language plpgsql as $$
begin
  insert into document_seals values (new.merchant_id, new.id, sha256(convert_to(document_content(new.merchant_id, new.id), 'UTF8')));
  return null;
end $$;
create trigger sealed after insert on documents for each row execute function seal_document();

insert into document_seals
  select merchant_id, id, sha256(convert_to(document_content(merchant_id, id), 'UTF8')) from documents;
