import { type Attempt, PAUSE_LEVEL } from '../../domain/payments/dunning.ts';
import { PREFIX } from '../../temporal/ids.ts';
import { type MerchantId, merchantId } from '../platform/ids.ts';
import { type Db, type Tx, maybeRow, preparedRows, rows } from '../platform/pool.ts';

/** A receivable with all that decides how it is collected. */
export interface ReceivableCase {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly contractId: string | null;
  readonly contractEnded: boolean;
  readonly clockId: string | null;
  readonly currency: string;
  readonly openMinor: bigint;
  readonly dunningLevel: number;
  /** By the newest that is known: what collection asked for and is not stored yet, or not decided yet, or the contract. */
  readonly pausedForDunning: boolean;
  /** Another open receivable of the contract asked for the pause, too. */
  readonly othersDunned: boolean;
  readonly timeZone: string;
  readonly agendaDue: string | null;
  readonly methodId: string | null;
  readonly provider: string | null;
  readonly attempts: readonly (Attempt & {
    readonly n: number;
    readonly methodId: string;
    readonly provider: string;
  })[];
}

const CASE = `select r.id, r.account_id as "accountId", a.customer_id as "customerId", r.contract_id as "contractId",
    coalesce(c.phase = 'ended', true) as "contractEnded", a.clock_id as "clockId", r.currency, r.open_minor as "openMinor",
    r.dunning_level as "dunningLevel", a.time_zone as "timeZone", g.due_at as "agendaDue", m.id as "methodId", m.provider,
    coalesce(
      (select o.payload->>'kind' = 'pause' from outbox o where o.merchant_id = r.merchant_id and o.kind = 'command' and o.state = 'waiting'
        and o.object = '${PREFIX.contract}' || r.contract_id order by o.id desc limit 1),
      (select d.kind = 'pause' from commands d where d.merchant_id = r.merchant_id and d.contract_id = r.contract_id and d.state = 'pending'
        and d.kind in ('pause', 'resume') and d.actor like 'collection:%' order by d.seq desc limit 1),
      'dunning' = any(c.pause_reasons), false) as "pausedForDunning",
    exists (select from receivables o where o.merchant_id = r.merchant_id and o.contract_id = r.contract_id and o.id <> r.id and o.open_minor > 0 and o.dunning_level >= ${PAUSE_LEVEL}) as "othersDunned",
    (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'n', t.n, 'state', t.state, 'methodId', t.payment_method_id, 'provider', t.provider,
        'effectiveAt', iso(t.effective_at), 'sentAt', iso(t.sent_at), 'decidedAt', iso(t.decided_at), 'lookups', t.lookups)
        order by t.n), '[]') from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id) as attempts
  from receivables r
  join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
  left join contracts c on c.merchant_id = r.merchant_id and c.id = r.contract_id
  left join payment_methods m on m.merchant_id = r.merchant_id and m.removed_at is null
    and m.id = coalesce(c.payment_method_id, a.payment_method_id)
  left join agenda g on g.workflow_id = '${PREFIX.collection}' || r.id
  where r.merchant_id = $1 and r.id = any($2) order by r.effective_at, r.id for no key update of r`;

/** Locks and loads receivables, oldest first; the caller holds their account's lock. */
export function loadCases(
  tx: Tx,
  merchant: MerchantId,
  receivableIds: readonly string[],
): Promise<ReceivableCase[]> {
  return preparedRows<ReceivableCase>(tx, CASE, [merchant, receivableIds]);
}

/** Whose a receivable is. */
export interface ReceivableOwner {
  readonly merchant: MerchantId;
  readonly accountId: string;
  readonly contractId: string | null;
  readonly clockId: string | null;
}

/** Whose a receivable is, by its id alone; null when there is none (its test clock was deleted). */
export async function ownerOfReceivable(db: Db, receivableId: string): Promise<ReceivableOwner | null> {
  const owner = await maybeRow<Omit<ReceivableOwner, 'merchant'> & { merchant_id: string }>(
    db,
    `select r.merchant_id, r.account_id as "accountId", r.contract_id as "contractId", a.clock_id as "clockId"
     from receivables r join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id where r.id = $1`,
    [receivableId],
  );
  if (owner === null) return null;
  const { merchant_id, ...rest } = owner;
  return { ...rest, merchant: merchantId(merchant_id) };
}

/** What is open of an account. */
export async function openOfAccount(tx: Tx, merchant: MerchantId, accountId: string): Promise<string[]> {
  const open = await rows<{ id: string }>(
    tx,
    'select id from receivables where merchant_id = $1 and account_id = $2 and open_minor > 0',
    [merchant, accountId],
  );
  return open.map(({ id }) => id);
}

export async function setDunningLevel(
  tx: Tx,
  merchant: MerchantId,
  receivableId: string,
  level: number,
): Promise<void> {
  await rows(tx, 'update receivables set dunning_level = $3 where merchant_id = $1 and id = $2', [
    merchant,
    receivableId,
    level,
  ]);
}
