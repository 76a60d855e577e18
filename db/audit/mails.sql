-- Events whose mail was not queued, although the issuer had mails switched on and the customer had not switched the purpose off. Only
-- the newest month is checked, as mails are forgotten later, and no event from around the instant of such a switch.
select
  'mail_missing' as check_name, e.merchant_id, e.object_id as id,
  'no mail (' || mail_purpose_of(e.type) || ') was queued for ' || e.type || ' of ' || iso(e.recorded_at) as message
from part e
-- The limit keeps the look-up by index. A slice has a thousand events at most, and a join might read all accounts for them.
cross join lateral (
  select a.merchant_id, a.issuer_id, a.customer_id from billing_accounts a
  where a.merchant_id = e.merchant_id and a.id = e.account_id limit 1) a
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
where mail_purpose_of(e.type) is not null
  and i.mail_enabled_at is not null and mail_purpose_of(e.type) <> all (u.mail_off)
  and e.recorded_at > greatest(i.mail_enabled_at, u.mail_off_changed_at) + interval '5 minutes'
  and e.recorded_at > clock_timestamp() - interval '30 days'
  and not exists (select from mails m where m.merchant_id = e.merchant_id and m.event_id = e.id and m.resend_of is null)
