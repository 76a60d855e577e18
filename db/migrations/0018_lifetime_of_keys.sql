-- A key may end by itself, and shows to within a minute when it was last used.
alter table api_keys add column expires_at timestamptz;
alter table api_keys add column last_used_at timestamptz;
