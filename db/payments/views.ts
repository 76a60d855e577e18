import type { AttemptState } from '../../domain/payments/attempt.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow } from '../platform/pool.ts';

/** Money that came in, by a provider or by hand, and how much of it waits as credit. */
export interface PaymentView {
  readonly id: string;
  readonly account: string;
  readonly attempt: string | null;
  readonly provider: string;
  readonly reference: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly left_minor: bigint;
  readonly allocations: readonly {
    readonly invoice: string | null;
    readonly amount_minor: string;
    readonly at: string;
  }[];
  readonly effective_at: string;
}

const PAYMENT = `select p.id as cursor_key, p.id, p.account_id as account, p.attempt_id as attempt, p.provider, p.reference,
    p.currency, p.amount_minor, coalesce(c.left_minor, 0) as left_minor,
    (select coalesce(jsonb_agg(jsonb_build_object('invoice', r.document_id, 'amount_minor', a.amount_minor::text,
       'at', iso(a.effective_at)) order by a.effective_at, a.id), '[]')
     from allocations a join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
     where a.merchant_id = p.merchant_id and a.credit_id = c.id) as allocations, p.effective_at
  from payments p left join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
  where p.merchant_id = $1`;

export function getPayment(db: Db, merchant: MerchantId, id: string): Promise<PaymentView | null> {
  return maybeRow<PaymentView>(db, `${PAYMENT} and p.id = $2`, [merchant, id]);
}

export function listPayments(
  db: Db,
  merchant: MerchantId,
  account: string | undefined,
  page: PageOf,
): Promise<Page<PaymentView>> {
  return pageOf<PaymentView>(
    db,
    `${PAYMENT} and ($2::text is null or p.account_id = $2)`,
    [merchant, account ?? null],
    page,
  );
}

/** One try to collect a receivable. */
export interface AttemptView {
  readonly id: string;
  readonly account: string;
  readonly contract: string | null;
  readonly invoice: string | null;
  readonly payment_method: string;
  readonly provider: string;
  readonly n: number;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly state: AttemptState;
  readonly reason: string | null;
  readonly action_url: string | null;
  readonly effective_at: string;
  readonly decided_at: string | null;
}

const ATTEMPT = `select t.id as cursor_key, t.id, t.account_id as account, t.contract_id as contract,
    r.document_id as invoice, t.payment_method_id as payment_method, t.provider, t.n, t.currency, t.amount_minor,
    t.state, t.reason, t.action_url, t.effective_at, t.decided_at
  from attempts t join receivables r on r.merchant_id = t.merchant_id and r.id = t.receivable_id
  where t.merchant_id = $1`;

export function getAttempt(db: Db, merchant: MerchantId, id: string): Promise<AttemptView | null> {
  return maybeRow<AttemptView>(db, `${ATTEMPT} and t.id = $2`, [merchant, id]);
}

export function listAttempts(
  db: Db,
  merchant: MerchantId,
  filter: { account?: string; invoice?: string },
  page: PageOf,
): Promise<Page<AttemptView>> {
  return pageOf<AttemptView>(
    db,
    `${ATTEMPT} and ($2::text is null or t.account_id = $2) and ($3::text is null or r.document_id = $3)`,
    [merchant, filter.account ?? null, filter.invoice ?? null],
    page,
  );
}
