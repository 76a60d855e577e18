-- Counts of waiting work, each with the labels of its metric. Kinds and modes without rows are counted, too: an alert ends when
-- its count is 0.
--
-- Each part reads an index of open rows from the oldest one on, and 10,000 rows of it at most: its cost does not grow with the
-- backlog, and a count of 10,000 means "at least". Where an index begins with a kind, the kind is bounded by a range and not by
-- an equality: with an equality Postgres may read the rows of all kinds in their order and leave out those of others.
with recursive
  modes (mode) as (values ('live'), ('test')),
  -- The providers that have unanswered attempts, found one after the other by the index.
  known (mode, provider) as (
    select m.mode, (
      select min(t.provider) from attempts t
      where t.state in ('planned', 'sent', 'unknown') and mode_of(t.merchant_id) = m.mode)
    from modes m
    union all
    select k.mode, (
      select min(t.provider) from attempts t
      where t.state in ('planned', 'sent', 'unknown') and mode_of(t.merchant_id) = k.mode and t.provider > k.provider)
    from known k
    where k.provider is not null)

-- The agenda: rows that are due, by how long. Rows of test clocks wait for their clock and are left out.
select o.name, o.labels, o.value
from unnest(:agenda_kinds) kinds (kind) cross join modes
cross join lateral (
  select coalesce(max(age), 0) as oldest,
    count(*) filter (where age >= 0) as now,
    count(*) filter (where age >= 60) as for_1_minute,
    count(*) filter (where age >= 300) as for_5_minutes,
    count(*) filter (where age >= 900) as for_15_minutes,
    count(*) filter (where age >= 3600) as for_1_hour,
    count(*) filter (where age >= 86400) as for_1_day
  from (
    select extract(epoch from clock_timestamp() - g.due_at)::float8 as age
    from agenda g
    where g.clock_id is null and mode_of(g.merchant_id) = modes.mode
      and g.kind >= kinds.kind and (g.kind, g.due_at) <= (kinds.kind, statement_timestamp())
    order by g.kind, g.due_at
    limit 10000) due) c
cross join lateral (
  select 'tenor_due' as name, jsonb_build_object('kind', kind, 'mode', mode, 'older_than', older_than) as labels, n::float8 as value
  from (values ('0', now), ('60', for_1_minute), ('300', for_5_minutes), ('900', for_15_minutes), ('3600', for_1_hour),
    ('86400', for_1_day)) counted (older_than, n)
  union all
  select 'tenor_due_oldest_seconds', jsonb_build_object('kind', kind, 'mode', mode), oldest) o

union all

-- The outbox. A message is failing when it is a dead letter or was tried five times: with an error, by the index of such
-- messages, or by relays that died each time, among the oldest due messages.
select o.name, jsonb_build_object('kind', kind), o.value
from unnest(:message_kinds) kinds (kind)
cross join lateral (
  select count(*) as waiting, coalesce(max(age), 0) as oldest,
    count(*) filter (where tries >= 5 and last_error is null) as failing
  from (
    select extract(epoch from clock_timestamp() - w.due_at)::float8 as age, w.tries, w.last_error
    from outbox w
    where w.state = 'waiting' and (w.kind || '') >= kinds.kind and ((w.kind || ''), w.due_at) <= (kinds.kind, statement_timestamp())
    order by (w.kind || ''), w.due_at
    limit 10000) due) due
cross join lateral (
  select count(*) as failing
  from (
    select w.tries
    from outbox w
    where w.state = 'waiting' and w.last_error is not null
      and (w.kind || '') >= kinds.kind and ((w.kind || ''), w.id) <= (kinds.kind, 9223372036854775807)
    order by (w.kind || ''), w.id
    limit 10000) with_error
  where tries >= 5) tried
cross join lateral (
  select count(*) as failing
  from (select w.kind as dead_kind from outbox w where w.state = 'dead' order by w.id limit 10000) letters
  where letters.dead_kind = kinds.kind) dead
cross join lateral (values
  ('tenor_outbox_due', due.waiting::float8),
  ('tenor_outbox_oldest_seconds', due.oldest),
  ('tenor_outbox_failing', (due.failing + tried.failing + dead.failing)::float8)) o (name, value)

union all

-- Open incidents.
select o.name, jsonb_build_object('step', step, 'mode', mode), o.value
from unnest(:incident_steps) steps (step) cross join modes
cross join lateral (
  select count(*) as incidents, coalesce(max(age), 0) as oldest
  from (
    select extract(epoch from clock_timestamp() - i.opened_at)::float8 as age
    from incidents i
    where i.closed_at is null and mode_of(i.merchant_id) = modes.mode
      and i.step >= steps.step and (i.step, i.opened_at) <= (steps.step, statement_timestamp())
    order by i.step, i.opened_at
    limit 10000) opened) c
cross join lateral (values
  ('tenor_incidents_open', c.incidents::float8),
  ('tenor_incidents_oldest_seconds', c.oldest)) o (name, value)

union all

-- Attempts to charge without an answer, of the providers of this process and of those that attempts name. Attempts on test
-- clocks are left out after the oldest were found: only test merchants have them.
select o.name, jsonb_build_object('provider', provider, 'mode', mode), o.value
from (
  select mode, provider from modes cross join unnest(:providers) provider
  union
  select mode, provider from known where provider is not null) providers
cross join lateral (
  select count(*) as attempts, coalesce(max(age), 0) as oldest
  from (
    select t.merchant_id, t.account_id,
      extract(epoch from clock_timestamp() - coalesce(t.sent_at, t.effective_at))::float8 as age
    from attempts t
    where t.state in ('planned', 'sent', 'unknown') and mode_of(t.merchant_id) = providers.mode
      and t.provider >= providers.provider
      and (t.provider, coalesce(t.sent_at, t.effective_at)) <= (providers.provider, statement_timestamp())
    order by t.provider, coalesce(t.sent_at, t.effective_at)
    limit 10000) unanswered
  join billing_accounts b on b.merchant_id = unanswered.merchant_id and b.id = unanswered.account_id and b.clock_id is null) c
cross join lateral (values
  ('tenor_charges_unanswered', c.attempts::float8),
  ('tenor_charges_unanswered_oldest_seconds', c.oldest)) o (name, value)

union all

-- PDFs that were requested and are not made yet.
select o.name, '{}'::jsonb, o.value
from (
  select count(*) as waiting, count(*) filter (where tries >= 5) as failing,
    coalesce(max(extract(epoch from clock_timestamp() - requested_at)), 0)::float8 as oldest
  from (select p.tries, p.requested_at from pdf_requests p order by p.due_at limit 10000) requested) c
cross join lateral (values
  ('tenor_pdfs_waiting', c.waiting::float8),
  ('tenor_pdfs_oldest_seconds', c.oldest),
  ('tenor_pdfs_failing', c.failing::float8)) o (name, value)

union all

-- Mails that wait: those that are due, and those that failed and are tried again later.
select o.name, jsonb_build_object('mode', mode), o.value
from modes
cross join lateral (
  select count(*) as mails, coalesce(max(age), 0) as oldest
  from (
    select extract(epoch from clock_timestamp() - m.created_at)::float8 as age
    from mails m
    where m.state = 'queued' and mode_of(m.merchant_id) = modes.mode
    order by m.created_at
    limit 10000) queued) c
cross join lateral (values
  ('tenor_mails_queued', c.mails::float8),
  ('tenor_mails_oldest_seconds', c.oldest)) o (name, value)

union all

select 'tenor_clocks_stuck', '{}'::jsonb, count(*)::float8
from (select from test_clocks where status = 'stuck' order by merchant_id limit 10000) stuck

union all

-- Webhooks, by the mode of their merchants. There are few endpoints, and of each one an index has the webhooks that wait or are
-- dead. Of an endpoint that fails, the oldest webhook says nothing about Tenor.
select o.name, jsonb_build_object('mode', mode), o.value
from modes
cross join lateral (
  select count(*) as webhooks
  from (
    select from webhook_endpoints w
    cross join lateral (
      select from webhook_deliveries d
      where d.merchant_id = w.merchant_id and d.endpoint_id = w.id and d.state <> 'delivered' and d.state = 'waiting'
      limit 10000) one
    where w.state <> 'deleted' and mode_of(w.merchant_id) = modes.mode
    limit 10000) counted) waiting
cross join lateral (
  select count(*) as webhooks
  from (
    select from webhook_endpoints w
    cross join lateral (
      select from webhook_deliveries d
      where d.merchant_id = w.merchant_id and d.endpoint_id = w.id and d.state <> 'delivered' and d.state = 'dead'
      limit 10000) one
    where w.state <> 'deleted' and mode_of(w.merchant_id) = modes.mode
    limit 10000) counted) dead
cross join lateral (
  select coalesce(max(extract(epoch from clock_timestamp() - first.due_at)), 0)::float8 as oldest
  from webhook_endpoints w
  cross join lateral (
    select d.due_at from webhook_deliveries d
    where d.merchant_id = w.merchant_id and d.endpoint_id = w.id and d.state = 'waiting' and d.due_at <= statement_timestamp()
      and (d.lease_until is null or d.lease_until <= statement_timestamp())
    order by d.due_at limit 1) first
  where w.state = 'enabled' and w.failing_since is null and mode_of(w.merchant_id) = modes.mode) due
cross join lateral (
  select count(*) as endpoints from webhook_endpoints w
  where w.state <> 'deleted' and w.failing_since is not null and mode_of(w.merchant_id) = modes.mode) failing
cross join lateral (values
  ('tenor_webhooks_waiting', waiting.webhooks::float8),
  ('tenor_webhooks_dead', dead.webhooks::float8),
  ('tenor_webhooks_oldest_seconds', due.oldest),
  ('tenor_webhook_endpoints_failing', failing.endpoints::float8)) o (name, value)
