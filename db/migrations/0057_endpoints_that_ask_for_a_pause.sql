-- A webhook endpoint that answers `Retry-After` gets nothing until then, and one that answers 410 is disabled because it is gone.

-- What the endpoint has asked for. Unlike `resting_until`, an accepted webhook does not end it: that one was sent before.
alter table webhook_endpoints add column paused_until timestamptz;
alter table webhook_endpoints drop constraint webhook_endpoints_disabled_because_check;
alter table webhook_endpoints add constraint webhook_endpoints_disabled_because_check
  check (disabled_because in ('failing', 'gone', 'merchant')) not valid;
