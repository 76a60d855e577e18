-- What a customer's invoices are called, and how long the customer has to pay them.

alter table customers
  add column payment_term_days int check (payment_term_days between 0 and 365), -- of the accounts that are made for it; null: 0
  add column invoice_title text; -- a pattern; null: the plan's name
