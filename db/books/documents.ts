import type { AnyDerivation } from '../../domain/books/charge.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import type { LineTax } from '../../domain/contracts/state.ts';
import { derivationOf, lineTax, modelOf } from './charge-rows.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';

/** An invoice or credit note as it was finalised, and how it stands today. */
export interface DocumentView {
  readonly id: string;
  readonly kind: 'invoice' | 'credit_note';
  readonly number: string;
  readonly title: string;
  readonly account: string;
  readonly contract: string | null;
  readonly customer: string;
  /** The customer's today, as it was given: `de-AT`. */
  readonly language: string;
  readonly issuer: string;
  readonly clock: string | null;
  readonly issue_date: string;
  readonly due_date: string;
  readonly service_from: string;
  /** The day after the last. */
  readonly service_to: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  readonly net_minor: bigint;
  readonly tax_minor: bigint;
  readonly gross_minor: bigint;
  /** What is still to be paid; of a credit note what is left of it, below zero. */
  readonly open_minor: bigint;
  /** When the last of it was allocated; null while something is open. */
  readonly settled_at: string | null;
  readonly attempt: {
    readonly id: string;
    readonly state: string;
    readonly reason: string | null;
    readonly action_url: string | null;
  } | null;
  readonly recipient_subject_id: string;
  readonly recipient_version: number;
  readonly issuer_subject_id: string;
  readonly issuer_version: number;
  readonly effective_at: string;
}

const SELECT = `select d.id as cursor_key, d.id, d.kind, d.number, d.title, d.account_id as account,
    d.contract_id as contract, b.customer_id as customer, u.language, d.issuer_id as issuer, d.clock_id as clock, d.issue_date,
    d.due_date, d.service_from, d.service_to, d.currency, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor,
    s.open_minor, case when s.open_minor = 0 then coalesce(s.last_at, d.effective_at) end as settled_at, t.attempt,
    d.recipient_subject_id, d.recipient_version, d.issuer_subject_id, d.issuer_version, d.effective_at
  from documents d
  join billing_accounts b on b.merchant_id = d.merchant_id and b.id = d.account_id
  join customers u on u.merchant_id = b.merchant_id and u.id = b.customer_id
  left join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
  left join credits c on c.merchant_id = d.merchant_id and c.document_id = d.id
  cross join lateral (select coalesce(r.open_minor, -c.left_minor, 0) as open_minor,
    (select max(a.effective_at) from allocations a where a.merchant_id = d.merchant_id
       and (a.receivable_id = r.id or a.credit_id = c.id)) as last_at) s
  left join lateral (select jsonb_build_object('id', x.id, 'state', x.state, 'reason', x.reason, 'action_url', x.action_url)
     as attempt from attempts x where x.merchant_id = d.merchant_id and x.receivable_id = r.id order by x.n desc limit 1) t on true
  where d.merchant_id = $1`;

export function getDocument(db: Db, merchant: MerchantId, id: string): Promise<DocumentView | null> {
  return maybeRow<DocumentView>(db, `${SELECT} and d.id = $2`, [merchant, id]);
}

export function listDocuments(
  db: Db,
  merchant: MerchantId,
  filter: { customer?: string; account?: string; contract?: string; kind?: string; number?: string },
  page: PageOf,
): Promise<Page<DocumentView>> {
  return pageOf<DocumentView>(
    db,
    `${SELECT} and ($2::text is null or b.customer_id = $2) and ($3::text is null or d.account_id = $3)
       and ($4::text is null or d.contract_id = $4) and ($5::text is null or d.kind = $5)
       and ($6::text is null or d.number = $6)`,
    [
      merchant,
      filter.customer ?? null,
      filter.account ?? null,
      filter.contract ?? null,
      filter.kind ?? null,
      filter.number ?? null,
    ],
    page,
  );
}

/** A line of a document with the charge that it prints. */
export interface DocumentLineView {
  readonly position: number;
  readonly charge: string;
  readonly kind: 'recurring' | 'credit' | 'one_time' | 'usage' | 'discount';
  readonly text: string;
  readonly from: string;
  /** The day after the last. */
  readonly to: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly amount_minor: bigint;
  readonly net_minor: bigint;
  readonly tax: LineTax;
  readonly derivation: AnyDerivation;
  /** Null: of the fee, or a one-time charge. */
  readonly component: string | null;
  readonly subscription: string | null;
  /** Null: it is no credit of a line. */
  readonly credited: CreditedLine | null;
}

/** A credited line, `CreditedLine` as JSON: of charge `r` and, where it is on one, document `rd`. */
const CREDITED_LINE = `jsonb_build_object('chargeId', r.id,
    'price', jsonb_build_object('model', ${modelOf('r')}, 'part', r.derivation->'part'),
    'document', case when rd.id is not null then
      jsonb_build_object('id', rd.id, 'kind', rd.kind, 'number', rd.number, 'issueDate', rd.issue_date) end)`;
const ITS_DOCUMENT = `left join document_lines rl on rl.merchant_id = r.merchant_id and rl.charge_id = r.id
     left join documents rd on rd.merchant_id = rl.merchant_id and rd.id = rl.document_id`;

/** In the order of their positions. */
export function documentLines(db: Db, merchant: MerchantId, documentId: string): Promise<DocumentLineView[]> {
  return rows<DocumentLineView>(
    db,
    `select l.position, c.id as charge, c.kind, c.text, c.from_date as from, c.to_date as to, c.quantity, c.unit_price,
       c.amount_minor, l.net_minor, ${derivationOf('c')} as derivation,
       ${lineTax('c')} as tax, s.component_id as component, s.id as subscription,
       case when r.id is not null then ${CREDITED_LINE} end as credited
     from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
     left join items i on i.merchant_id = c.merchant_id and i.id = c.item_id
     left join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
     left join charges r on r.merchant_id = c.merchant_id and r.id = c.reverses_id
     ${ITS_DOCUMENT}
     where l.merchant_id = $1 and l.document_id = $2 order by l.position`,
    [merchant, documentId],
  );
}

/** The lines of charges that are about to be credited, each with its document. */
export async function creditedLines(
  db: Db,
  merchant: MerchantId,
  chargeIds: readonly string[],
): Promise<CreditedLine[]> {
  const found = await rows<{ credited: CreditedLine }>(
    db,
    `select ${CREDITED_LINE} as credited from charges r ${ITS_DOCUMENT} where r.merchant_id = $1 and r.id = any($2)`,
    [merchant, chargeIds],
  );
  return found.map(({ credited }) => credited);
}

export interface DocumentTaxView {
  readonly category: string;
  readonly rate: string;
  readonly text: string;
  readonly net_minor: bigint;
  readonly tax_minor: bigint;
}

/** The document's tax, one row per rate. */
export function documentTaxes(db: Db, merchant: MerchantId, documentId: string): Promise<DocumentTaxView[]> {
  return rows<DocumentTaxView>(
    db,
    `select category, rate, text, net_minor, tax_minor from document_taxes
     where merchant_id = $1 and document_id = $2 order by category, rate desc`,
    [merchant, documentId],
  );
}
