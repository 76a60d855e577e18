-- A contract's usage is listed in the order in which it came, a page at a time.
create index usage_in_order on usage_events (merchant_id, contract_id, seq);
