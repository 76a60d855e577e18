-- `to_char` is stable, and a function that claims more than its body is never inlined: each instant of a step's state
-- cost a call of its own.
create or replace function iso(at timestamptz) returns text language sql stable parallel safe as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
