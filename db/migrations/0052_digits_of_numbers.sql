-- no transaction
create index concurrently if not exists documents_by_digits on documents (merchant_id, (regexp_replace(number, '[^0-9]', '', 'g')), effective_at, id);
