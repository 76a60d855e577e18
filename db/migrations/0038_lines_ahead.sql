-- no transaction
-- Whether a line was billed at a tax rate that is not in force yet: only lines of days that had begun nowhere when they were made.
create index concurrently if not exists charges_ahead on charges (merchant_id, tax_country, from_date)
  where from_date > ((effective_at at time zone 'UTC') + interval '14 hours')::date;
