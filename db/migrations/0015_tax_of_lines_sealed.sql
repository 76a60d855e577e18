-- The seal of a document covers the tax of each line, too: later credits of the line give that tax back (rule 16).
-- Documents that were sealed before keep their seal, and its version says that it covers less.

alter table document_seals add column version smallint not null default 1; -- 2: with the tax of each line
alter table document_seals alter column version set default 2;

drop function document_content(text, text);

-- All that makes a document what it is, as one text. Columns by name: one that is added later changes no seal.
create function document_content(merchant text, document text, version smallint) returns text language sql stable as $$
  select jsonb_build_array(d.kind, d.number, d.title, d.account_id, d.contract_id, d.issue_date, d.due_date, d.service_from, d.service_to,
    d.currency, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor, d.recipient_subject_id, d.recipient_version,
    d.issuer_subject_id, d.issuer_version, iso(d.effective_at),
    (select jsonb_agg(jsonb_build_array(l.position, l.net_minor, c.kind, c.text, iso(c.starts_at), iso(c.ends_at), c.from_date, c.to_date,
        c.quantity, c.unit_price, c.amount_minor, c.tax_category, c.tax_rate, c.tax_text, c.tax_country, c.derivation)
        || case when version = 1 then '[]' else jsonb_build_array(l.tax_minor) end order by l.position)
      from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
      where l.merchant_id = d.merchant_id and l.document_id = d.id),
    (select jsonb_agg(jsonb_build_array(t.category, t.rate, t.text, t.net_minor, t.tax_minor) order by t.category collate "C", t.rate)
      from document_taxes t where t.merchant_id = d.merchant_id and t.document_id = d.id))::text
  from documents d where d.merchant_id = merchant and d.id = document
$$;

create or replace function seal_document() returns trigger language plpgsql as $$
begin
  insert into document_seals (merchant_id, document_id, seal)
  values (new.merchant_id, new.id, sha256(convert_to(document_content(new.merchant_id, new.id, 2::smallint), 'UTF8')));
  return null;
end $$;
