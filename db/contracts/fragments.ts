// SQL that more than one statement about items is made of.

/** The revisions of a contract's items, each with where its successor begins; `c` is the contract's row. */
export const REVISIONS = `(select *, min(effective_at) over (partition by subject order by revision rows between 1 following and unbounded following) as superseded_at
  from items where merchant_id = c.merchant_id and contract_id = c.id)`;

/** An item as the domain's JSON; `i` is its row. */
export const itemJson = (componentId: string, endsAt: string, pricing: string): string => `json_build_object(
    'id', i.id, 'origin', coalesce(i.origin_id, i.id), 'subject', i.subject, 'componentId', ${componentId}, 'revision', i.revision, 'quantity', i.quantity::text,
    'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at), 'endsAt', iso(${endsAt}), 'included', i.included::text,
    'pricing', ${pricing})`;
