-- The code of the refusal, or of Postgres, under which a step failed: what an explanation goes by. Older incidents have none.
alter table incidents add column code text;
