import {
  type Attempt,
  type CollectionCase,
  type CollectionStep,
  PAUSE_LEVEL,
  agendaFor,
  nextStep,
} from '../domain/payments/dunning.ts';
import { setAgenda } from '../db/platform/agenda.ts';
import { lockContract, storeCommand } from '../db/contracts/commands.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { post } from '../db/platform/outbox.ts';
import { type Tx, maybeRow, preparedRows, row, rows } from '../db/platform/pool.ts';

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
  /** Its contract is paused for dunning, or is about to be. */
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
    coalesce('dunning' = any(c.pause_reasons), false) or exists (select from commands d where d.merchant_id = r.merchant_id
      and d.contract_id = r.contract_id and d.state = 'pending' and d.kind = 'pause' and d.actor like 'collection:%') as "pausedForDunning",
    exists (select from receivables o where o.merchant_id = r.merchant_id and o.account_id = r.account_id
      and o.contract_id = r.contract_id and o.id <> r.id and o.open_minor > 0 and o.dunning_level >= ${PAUSE_LEVEL}) as "othersDunned",
    (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'n', t.n, 'state', t.state, 'methodId', t.payment_method_id, 'provider', t.provider,
        'effectiveAt', iso(t.effective_at), 'sentAt', iso(t.sent_at), 'decidedAt', iso(t.decided_at), 'lookups', t.lookups)
        order by t.n), '[]') from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id) as attempts
  from receivables r
  join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
  left join contracts c on c.merchant_id = r.merchant_id and c.id = r.contract_id
  left join payment_methods m on m.merchant_id = r.merchant_id and m.removed_at is null
    and m.id = coalesce(c.payment_method_id, a.payment_method_id)
  left join agenda g on g.workflow_id = 'collection/' || r.id
  where r.merchant_id = $1 and r.id = any($2) order by r.effective_at, r.id for update of r`;

/**
 * Takes the locks under which money of an account is booked: clock (shared), account, and the contract if there is
 * one. Under the account's lock nobody else books on any of its contracts. Answers the customer's now.
 */
export async function lockBooks(
  tx: Tx,
  merchant: MerchantId,
  { accountId, contractId }: { accountId: string; contractId: string | null },
): Promise<string> {
  if (contractId !== null) {
    const locked = await lockContract(tx, merchant, contractId);
    if (locked !== null) return locked.now_at;
  }
  const clock = await maybeRow<{ now_at: string }>(
    tx,
    `select k.now_at from test_clocks k join billing_accounts a on a.merchant_id = k.merchant_id and a.clock_id = k.id
     where a.merchant_id = $1 and a.id = $2 for share of k`,
    [merchant, accountId],
  );
  const account = await row<{ wall: string }>(
    tx,
    `select date_trunc('milliseconds', clock_timestamp()) as wall from billing_accounts
     where merchant_id = $1 and id = $2 for update`,
    [merchant, accountId],
  );
  return clock?.now_at ?? account.wall;
}

/** Loads and locks receivables, oldest first; the caller holds the books' locks. */
export function loadCases(
  tx: Tx,
  merchant: MerchantId,
  receivableIds: readonly string[],
): Promise<ReceivableCase[]> {
  return preparedRows<ReceivableCase>(tx, CASE, [merchant, receivableIds]);
}

/** The next step of a case at an instant of the customer's clock. */
export function stepOf(found: ReceivableCase, now: string): CollectionStep {
  const { openMinor, attempts, dunningLevel, agendaDue, timeZone, methodId } = found;
  const tried = attempts.some((each) => each.methodId === methodId && each.state !== 'abandoned');
  const input: CollectionCase = {
    openMinor,
    attempts,
    dunningLevel,
    agendaDue,
    timeZone,
    now,
    paymentMethod: methodId === null ? 'none' : tried ? 'tried' : 'new',
  };
  return nextStep(input);
}

export async function setCollectionAgenda(
  tx: Tx,
  merchant: MerchantId,
  { id, clockId }: ReceivableCase,
  dueAt: string | null,
): Promise<void> {
  await setAgenda(tx, merchant, { workflowId: `collection/${id}`, kind: 'collection', clockId, dueAt });
}

/** Who hears of a change: collection itself needs no wake, and an event concerns the contract where collection does not run. */
export interface Listeners {
  readonly bookedBy?: 'collection';
  readonly elseContract?: boolean;
}

/**
 * Called in every transaction that changed what is open of receivables, or how their attempts stand: gives up
 * attempts that nothing needs any more, moves collection's agenda rows, wakes who waits, and takes the dunning's
 * pause back where the money came.
 */
export async function followReceivables(
  tx: Tx,
  merchant: MerchantId,
  receivableIds: readonly string[],
  at: string,
  listeners: Listeners = {},
): Promise<void> {
  if (receivableIds.length === 0) return;
  await rows(
    tx,
    `update attempts t set state = 'abandoned', decided_at = $3 from receivables r
     where t.merchant_id = $1 and t.receivable_id = any($2) and t.state = 'planned'
       and r.merchant_id = t.merchant_id and r.id = t.receivable_id and r.open_minor = 0`,
    [merchant, receivableIds, at],
  );
  const resumed = new Set<string>();
  for (const found of await loadCases(tx, merchant, receivableIds)) {
    const due = agendaFor(stepOf(found, at), at);
    await setCollectionAgenda(tx, merchant, found, due);
    await wakeListeners(tx, merchant, found, { at, due }, listeners);
    if (found.openMinor === 0n && found.dunningLevel > 0) await endDunning(tx, merchant, found, resumed);
  }
}

/** Follows what is open of an account, because its payment method or that of a contract of its was set. */
export async function followAccount(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  at: string,
): Promise<void> {
  const open = await rows<{ id: string }>(
    tx,
    'select id from receivables where merchant_id = $1 and account_id = $2 and open_minor > 0',
    [merchant, accountId],
  );
  const ids = open.map(({ id }) => id);
  await followReceivables(tx, merchant, ids, at);
}

interface Moment {
  readonly at: string;
  /** When collection is due after what happened. */
  readonly due: string | null;
}

/** Collection is started by its agenda row, or by a wake once there is more to it than a first attempt. */
function mayRun({ attempts, agendaDue, dunningLevel }: ReceivableCase, { at, due }: Moment): boolean {
  if (due !== null && due <= at) return true;
  // What was never to be charged (paid by transfer) has neither, and no collection that anybody could wake.
  if (agendaDue === null) return attempts.length > 0;
  if (agendaDue <= at || dunningLevel > 0) return true;
  return attempts.some(({ n, state, lookups }) => n > 1 || lookups > 0 || /^(declined|unknown)$/.test(state));
}

async function wakeListeners(
  tx: Tx,
  merchant: MerchantId,
  found: ReceivableCase,
  moment: Moment,
  { bookedBy, elseContract }: Listeners,
): Promise<void> {
  const { id, clockId, contractId, contractEnded } = found;
  if (mayRun(found, moment)) {
    if (bookedBy === 'collection') return;
    await post(tx, merchant, [{ kind: 'wake', workflowId: `collection/${id}`, clockId }]);
  } else if (elseContract === true && contractId !== null && !contractEnded) {
    await post(tx, merchant, [{ kind: 'wake', workflowId: `contract/${contractId}`, clockId }]);
  }
}

/** The money came: the dunning is over, and its reason to pause is taken away unless another receivable keeps it. */
async function endDunning(
  tx: Tx,
  merchant: MerchantId,
  found: ReceivableCase,
  resumed: Set<string>,
): Promise<void> {
  const { id, contractId, contractEnded, dunningLevel, pausedForDunning, othersDunned } = found;
  await setDunningLevel(tx, merchant, id, 0);
  if (contractId === null || contractEnded || resumed.has(contractId)) return;
  if (dunningLevel < PAUSE_LEVEL || !pausedForDunning || othersDunned) return;
  resumed.add(contractId);
  await storeCommand(tx, merchant, {
    contractId,
    kind: 'resume',
    body: { kind: 'resume', reason: 'dunning' },
    effective: 'now',
    actor: `collection:${id}`,
  });
}

async function setDunningLevel(
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

/** The last step of dunning: asks the contract to pause, once. Without a living contract only the level says so. */
export async function pauseForDunning(tx: Tx, merchant: MerchantId, found: ReceivableCase): Promise<void> {
  await setDunningLevel(tx, merchant, found.id, PAUSE_LEVEL);
  if (found.contractId === null || found.contractEnded || found.pausedForDunning) return;
  await storeCommand(tx, merchant, {
    contractId: found.contractId,
    kind: 'pause',
    body: { kind: 'pause', reason: 'dunning' },
    effective: 'now',
    actor: `collection:${found.id}`,
  });
}
