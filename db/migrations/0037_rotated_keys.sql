-- A key that was rotated ends early. Rotated again, because nobody got the new one, it is followed by one that lives as long
-- as it was made to live itself: until then that was counted from its early end.
alter table api_keys
  add column rotated_at timestamptz,
  -- When it would end had it not been rotated; null: never. Of a key that was not rotated, `expires_at` says so.
  add column would_end_at timestamptz;
