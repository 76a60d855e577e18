-- The line's share of the tax of its group. Null: a line of before, which had none.
alter table document_lines add column tax_minor bigint;
