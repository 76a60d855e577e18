-- Takes the next number of a series, and inserts a document with it.
with counted as (
  insert into series_counters as k (merchant_id, issuer_id, kind, clock_id, period_key, last_counter)
  select n.merchant_id, n.issuer_id, n.kind, coalesce(:clock, ''), :period, n.first_counter
  from number_series n
  where n.merchant_id = :merchant and n.issuer_id = :issuer and n.kind = :kind
  on conflict (merchant_id, issuer_id, kind, clock_id, period_key)
    do update set last_counter = k.last_counter + 1
  returning last_counter
)
insert into documents (
  merchant_id, id, account_id, contract_id, issuer_id, clock_id, kind, number, period_key, counter, title,
  issue_date, due_date, service_from, service_to, currency, price_mode, net_minor, tax_minor, gross_minor,
  recipient_subject_id, recipient_version, issuer_subject_id, issuer_version, effective_at, recorded_at
)
select
  :merchant, d.id, d.account_id, d.contract_id, :issuer, :clock, :kind,
  :prefix || lpad(last_counter::text, greatest(:width, length(last_counter::text)), '0') || :suffix,
  :period, last_counter, d.title,
  d.issue_date, d.due_date, d.service_from, d.service_to, d.currency, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor,
  d.recipient_subject_id, d.recipient_version, d.issuer_subject_id, d.issuer_version, d.effective_at, d.recorded_at
from counted, jsonb_populate_record(null::documents, :document) d
