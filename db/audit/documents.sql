select
  'document_without_postings' as check_name, d.merchant_id, d.id,
  'its entry has ' || p.receivable || ' receivable, ' || p.deferred || ' deferred and ' || p.tax || ' tax; the document has '
    || d.gross_minor || ', ' || -d.net_minor || ' and ' || -d.tax_minor as message
from part d
left join journal_entries e on e.merchant_id = d.merchant_id and e.fact = 'document:' || d.id
cross join lateral (
  select
    coalesce(sum(amount_minor) filter (where ledger_account = 'receivable'), 0) as receivable,
    coalesce(sum(amount_minor) filter (where ledger_account = 'deferred_revenue'), 0) as deferred,
    coalesce(sum(amount_minor) filter (where ledger_account = 'tax'), 0) as tax
  from postings
  where merchant_id = d.merchant_id and entry_id = e.id) p
where e.id is null
  or (p.receivable, p.deferred, p.tax) is distinct from (d.gross_minor, -d.net_minor, -d.tax_minor)

union all
select
  'document_altered', d.merchant_id, d.id,
  case when s.seal is null then 'it has no seal' else 'it has changed since it was finalised' end
from part d
left join document_seals s on s.merchant_id = d.merchant_id and s.document_id = d.id
where s.seal is null
  or s.seal is distinct from sha256(convert_to(document_content(d.merchant_id, d.id, s.version), 'UTF8'))

union all
select
  'document_unsettled', d.merchant_id, d.id,
  case d.kind when 'invoice' then 'its receivables are ' else 'its credits are ' end
    || coalesce(s.amount, 0) || ', its total is ' || d.gross_minor
from part d
cross join lateral (
  select case d.kind
    when 'invoice' then (
      select sum(amount_minor) from receivables r where r.merchant_id = d.merchant_id and r.document_id = d.id)
    else (
      select -sum(amount_minor) from credits c where c.merchant_id = d.merchant_id and c.document_id = d.id)
    end as amount) s
where s.amount is distinct from d.gross_minor and d.gross_minor <> 0

union all
select 'copy_differs', d.merchant_id, d.id, 'the vault has no version ' || x.version || ' of ' || x.subject
from part d
cross join lateral (
  values (d.recipient_subject_id, d.recipient_version), (d.issuer_subject_id, d.issuer_version)) x(subject, version)
where not exists (
  select from vault_records v
  where v.merchant_id = d.merchant_id and v.subject_id = x.subject and v.version = x.version)

union all
select 'series_double', d.merchant_id, d.id, o.n || ' documents have the number ' || d.number
from part d
cross join lateral (
  select count(*) as n, min(x.id) as id
  from documents x
  where x.merchant_id = d.merchant_id and x.number = d.number and x.issuer_id = d.issuer_id and x.kind = d.kind
    and coalesce(x.clock_id, '') = coalesce(d.clock_id, '')) o
where o.n > 1 and o.id = d.id

union all
-- Events expire, the oldest first. So each document after that of the oldest event has one, and ids have the order of time.
select 'event_missing', d.merchant_id, d.id, 'no event says that it was finalised'
from part d
cross join lateral (
  select e.object_id as id from events e
  where e.merchant_id = d.merchant_id and e.type = d.kind || '.finalised'
  order by e.seq limit 1) oldest
where d.id > oldest.id
  and not exists (
    select from events e where e.merchant_id = d.merchant_id and e.object_id = d.id and e.type = d.kind || '.finalised')

union all
select 'event_missing', d.merchant_id, d.id, 'the open amount is ' || r.open_minor || ', and its last event is ' || e.type
from part d
join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
cross join lateral (
  select x.type from events x
  where x.merchant_id = d.merchant_id and x.object_id = d.id
    and x.type in ('invoice.finalised', 'invoice.paid', 'invoice.reopened')
  order by x.sequence desc limit 1) e
where (r.open_minor = 0) <> (e.type = 'invoice.paid')

union all
select
  'contract_of_document', d.merchant_id, d.id,
  case when x.lined is null then 'it is listed for ' || x.listed || ', which has no line on it'
    else 'it has lines of ' || x.lined || ', and is not listed for it' end
from part d
cross join lateral (
  select l.contract_id as lined, k.contract_id as listed
  from (select distinct c.contract_id
    from document_lines x
    join charges c on c.merchant_id = x.merchant_id and c.id = x.charge_id
    where x.merchant_id = d.merchant_id and x.document_id = d.id and c.contract_id is not null) l
  full join (
    select y.contract_id from document_contracts y where y.merchant_id = d.merchant_id and y.document_id = d.id) k
    on k.contract_id = l.contract_id) x
where d.contract_id is null and (x.lined is null or x.listed is null)

union all
-- Lines from before their share of the tax was stored have none.
select
  'group_sum_differs', d.merchant_id, d.id,
  'its entry has ' || g.posted || ' for ' || coalesce(g.contract_id, 'the account itself') || ', the lines have ' || g.listed
from part d
join journal_entries e on e.merchant_id = d.merchant_id and e.fact = 'document:' || d.id
cross join lateral (
  select s.contract_id, sum(s.posted) as posted, sum(s.listed) as listed
  from (
    select p.contract_id, p.amount_minor as posted, 0::bigint as listed
    from postings p
    where p.merchant_id = d.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
    union all
    select c.contract_id, 0, l.net_minor + l.tax_minor
    from document_lines l
    join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
    where l.merchant_id = d.merchant_id and l.document_id = d.id) s
  group by s.contract_id) g
where d.contract_id is null and g.posted <> g.listed
  and not exists (
    select from document_lines l where l.merchant_id = d.merchant_id and l.document_id = d.id and l.tax_minor is null)
