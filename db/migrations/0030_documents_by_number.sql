-- A document by its number: for people, and for the audit, which looks for each number whether another document of the clock has it.
-- no transaction
create index concurrently if not exists documents_by_number on documents (merchant_id, number, coalesce(clock_id, ''));
