import type { AttemptState } from '../../domain/payments/attempt.ts';
import type { ReceivableCase } from './cases.ts';
import { type MerchantId, merchantId, newId } from '../platform/ids.ts';
import { type Db, type Tx, maybeRow, preparedRows, rows } from '../platform/pool.ts';

/** An attempt with all that a provider is told. */
export interface AttemptToCharge {
  readonly id: string;
  readonly merchant: MerchantId;
  readonly receivableId: string;
  readonly accountId: string;
  readonly contractId: string | null;
  readonly clockId: string | null;
  readonly state: AttemptState;
  readonly provider: string;
  readonly providerObject: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly token: string;
  readonly methodRemoved: boolean;
  /** Seconds until the lease of whoever sent it ends; not positive: it has ended. */
  readonly leaseSeconds: number;
  /** The customer's now when it was read. */
  readonly now: string;
}

/** Reads an attempt by its id alone; null when there is none (its test clock was deleted). */
export async function loadAttempt(db: Db, attemptId: string): Promise<AttemptToCharge | null> {
  const [found] = await preparedRows<Omit<AttemptToCharge, 'merchant'> & { merchant_id: string }>(
    db,
    `select t.id, t.merchant_id, t.receivable_id as "receivableId", t.account_id as "accountId",
       t.contract_id as "contractId", a.clock_id as "clockId", t.state, t.provider, t.provider_object as "providerObject",
       t.amount_minor as "amountMinor", t.currency, m.token, m.removed_at is not null as "methodRemoved",
       coalesce(ceil(extract(epoch from t.lease_until - clock_timestamp())), 0)::int as "leaseSeconds",
       coalesce(k.now_at, date_trunc('milliseconds', clock_timestamp())) as now
     from attempts t
     join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
     join payment_methods m on m.merchant_id = t.merchant_id and m.id = t.payment_method_id
     left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
     where t.id = $1`,
    [attemptId],
  );
  if (found === undefined) return null;
  const { merchant_id, ...attempt } = found;
  return { ...attempt, merchant: merchantId(merchant_id) };
}

/** Marks an attempt as sent, under a lease and the provider's object, in the transaction before money moves. */
export async function storeSent(
  tx: Tx,
  { merchant, id }: AttemptToCharge,
  { providerObject, at, leaseSeconds }: { providerObject: string; at: string; leaseSeconds: number },
): Promise<void> {
  await rows(
    tx,
    `update attempts set state = 'sent', provider_object = $3, sent_at = coalesce(sent_at, $4),
       lease_until = clock_timestamp() + make_interval(secs => $5) where merchant_id = $1 and id = $2`,
    [merchant, id, providerObject, at, leaseSeconds],
  );
}

/** Gives attempts up. */
export async function abandonAttempts(
  tx: Tx,
  merchant: MerchantId,
  ids: readonly string[],
  at: string,
): Promise<void> {
  await rows(
    tx,
    `update attempts set state = 'abandoned', decided_at = $3, lease_until = null where merchant_id = $1 and id = any($2)`,
    [merchant, ids, at],
  );
}

/** Stores the next attempt for all that is open of a receivable. */
export async function insertAttempt(
  tx: Tx,
  merchant: MerchantId,
  found: ReceivableCase,
  planned: { readonly n: number; readonly methodId: string; readonly provider: string; readonly at: string },
): Promise<string> {
  const id = newId('attempt');
  await rows(
    tx,
    `insert into attempts (merchant_id, id, receivable_id, account_id, contract_id, payment_method_id, provider, n,
       currency, amount_minor, state, effective_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'planned', $11)`,
    [
      merchant,
      id,
      found.id,
      found.accountId,
      found.contractId,
      planned.methodId,
      planned.provider,
      planned.n,
      found.currency,
      found.openMinor,
      planned.at,
    ],
  );
  return id;
}

/** Ends the lease of an attempt that failed before it was sent, so that it can be tried again at once. */
export async function endLease(db: Db, merchant: MerchantId, attemptId: string): Promise<void> {
  await rows(
    db,
    `update attempts set lease_until = clock_timestamp() where merchant_id = $1 and id = $2 and state = 'sent'`,
    [merchant, attemptId],
  );
}

/** The next attempt that a contract itself is to send to a provider: first attempts only, the rest is collection's. */
export async function nextPlanned(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  provider: string,
): Promise<string | null> {
  const found = await maybeRow<{ id: string }>(
    db,
    `select id from attempts where merchant_id = $1 and contract_id = $2 and provider = $3
       and state = 'planned' and n = 1 order by id limit 1`,
    [merchant, contractId, provider],
  );
  return found?.id ?? null;
}
