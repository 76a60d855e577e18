-- A line of a document with its share of the tax. Lines of before have none: theirs is the tax on the lines of their rate
-- down to them, less the tax on those above. `invoiced` is what a credit may give back.
create view taxed_lines as
  select l.merchant_id, l.document_id, l.charge_id, c.reverses_id, c.tax_category as category, c.tax_rate as rate, c.amount_minor, l.net_minor,
    coalesce(l.tax_minor, case when c.price_mode = 'gross' then c.amount_minor - l.net_minor else (
      select round(sum(y.amount_minor) * c.tax_rate / 100) - round(coalesce(sum(y.amount_minor) filter (where x.position < l.position), 0) * c.tax_rate / 100)
      from document_lines x join charges y on y.merchant_id = x.merchant_id and y.id = x.charge_id
      where x.merchant_id = l.merchant_id and x.document_id = l.document_id and x.position <= l.position and y.tax_rate = c.tax_rate) end)::bigint as tax_minor,
    c.reverses_id is null and not (c.kind = 'one_time' and c.amount_minor < 0) as invoiced
  from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id;

-- What documents charged per category and rate, and what was credited of that, on whichever documents.
create function credited_taxes(merchant text, documents text[]) returns table (document_id text, category text, rate numeric,
  amount_minor bigint, net_minor bigint, tax_minor bigint, credited_minor bigint, credited_net_minor bigint, credited_tax_minor bigint, charge_ids text[])
language sql stable as $$
  select x.document_id, x.category, x.rate, sum(x.amount_minor)::bigint, sum(x.net_minor)::bigint, sum(x.tax_minor)::bigint,
    -coalesce(sum(k.amount_minor), 0)::bigint, -coalesce(sum(k.net_minor), 0)::bigint, -coalesce(sum(k.tax_minor), 0)::bigint, array_agg(x.charge_id)
  from taxed_lines x left join lateral (
    select sum(c.amount_minor) as amount_minor, sum(c.net_minor) as net_minor, sum(c.tax_minor) as tax_minor
    from taxed_lines c where c.merchant_id = x.merchant_id and c.reverses_id = x.charge_id) k on true
  where x.merchant_id = merchant and x.document_id = any(documents) and x.invoiced
  group by x.document_id, x.category, x.rate
$$;
