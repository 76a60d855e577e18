-- The tax that a metered period was rated at: late usage bears it, too, wherever the customer lives by then. Null: rated
-- before this was stored; then the tax of the period's lines counts, if it has any.
alter table metered_periods add column tax jsonb;
