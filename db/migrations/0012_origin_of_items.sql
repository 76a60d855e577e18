-- A change that is taken back in the pause in which it was made leaves the lines of the item before it in force: the new
-- revision names that item. Null: the item owns its own lines only.
alter table items add column origin_id text;
alter table items add constraint items_merchant_id_origin_id_fkey
  foreign key (merchant_id, origin_id) references items (merchant_id, id) not valid;
alter table items validate constraint items_merchant_id_origin_id_fkey;
create index items_of_origin on items (merchant_id, origin_id) where origin_id is not null;

-- Parts of a period, which are loaded until the period is over: the line that completes it takes the rest.
create index parts_of_periods on charges (merchant_id, contract_id) where kind = 'recurring' and days < full_days;
