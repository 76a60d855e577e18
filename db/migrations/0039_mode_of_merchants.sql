-- Whether a merchant is a live one or a test merchant, for indexes of what waits. A merchant is kept as it is by its trigger, so
-- the answer for an id never changes. An unknown merchant is an error: a row must not be loaded before its merchant.
create function mode_of(merchant text) returns text language plpgsql immutable strict parallel safe as $$
declare
  mode text;
begin
  select case when m.live_merchant_id is null then 'live' else 'test' end into strict mode
    from public.merchants m where m.id = merchant;
  return mode;
end $$;
