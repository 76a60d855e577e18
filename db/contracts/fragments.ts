// SQL that more than one statement about items is made of.

/** The revisions of a contract's items, each with where its successor begins; `c` is the contract's row. */
export const REVISIONS = `(select *, min(effective_at) over (partition by subject order by revision rows between 1 following and unbounded following) as superseded_at
  from items where merchant_id = c.merchant_id and contract_id = c.id)`;
