-- no transaction
create unique index concurrently if not exists attempts_by_collection on attempts (merchant_id, collection_id, n) where collection_id is not null;
create unique index concurrently if not exists one_open_attempt_of_collection on attempts (merchant_id, collection_id) where collection_id is not null and state in ('planned', 'sent', 'pending', 'requires_action', 'unknown');
