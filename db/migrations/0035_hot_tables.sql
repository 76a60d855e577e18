-- no transaction
-- Rows that are updated again and again without a change of what an index has. Their pages keep room, so that the new version
-- lies beside the old one and no index is written. It counts for pages that are filled from now on.
alter table contracts set (fillfactor = 80);
alter table series_counters set (fillfactor = 50);
alter table usage_totals set (fillfactor = 70);
alter table usage_values set (fillfactor = 80);
alter table outbox set (fillfactor = 50);
alter table idempotency_keys set (fillfactor = 80);
alter table api_keys set (fillfactor = 50);

-- What becomes old with each renewal, charge or message is cleared away by the fiftieth of a table instead of the fifth, but not
-- more often than each 5,000 rows: each time, prepared plans are made anew. How often tables are analysed stays.
alter table agenda set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table attempts set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table commands set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table contracts set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table credits set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table idempotency_keys set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table outbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table receivables set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table series_counters set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table usage_totals set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
alter table usage_values set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
