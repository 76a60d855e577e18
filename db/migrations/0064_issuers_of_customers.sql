-- An issuer may belong to a customer. It then bills only the customers below that one in its tree.
alter table issuers add column customer_id text;
alter table issuers add constraint issuers_of_its_customer
  foreign key (merchant_id, customer_id) references customers (merchant_id, id) not valid;
