import { WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import type { ClockStatus } from '../../domain/clocks/clock.ts';
import type { AgendaKind, Overdue } from '../platform/agenda.ts';
import { type MerchantId, merchantId } from '../platform/ids.ts';
import { post } from '../platform/outbox.ts';
import { type Db, type Tx, maybeRow, preparedRows, row, rows } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';
import { PREFIX, clockWorkflow } from '../../temporal/ids.ts';

/** Locks a clock, alone: whoever decides something on it is done, and nobody begins to. Null: there is none. */
export function lockClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
): Promise<{ readonly now_at: string; readonly status: ClockStatus } | null> {
  return maybeRow(
    tx,
    'select now_at, status from test_clocks where merchant_id = $1 and id = $2 for no key update',
    [merchant, clockId],
  );
}

/** Has a clock advance, with the message that starts its walk. */
export async function storeAdvance(tx: Tx, merchant: MerchantId, clockId: string, to: string): Promise<void> {
  await rows(
    tx,
    `update test_clocks set status = 'advancing', target_at = $3, problem = null, steps = 0,
       held_until = clock_timestamp() where merchant_id = $1 and id = $2`,
    [merchant, clockId, to],
  );
  await post(tx, merchant, [{ kind: 'start', workflowId: clockWorkflow(clockId), clockId, delaySeconds: 2 }]);
}

/** Holds the clock of a contract, and locks nothing else; null when the merchant has no such contract. */
export async function holdClockOf(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
): Promise<{ readonly now_at: string; readonly advancing: boolean } | null> {
  const held = await row<{ now_at: string; advancing: boolean } | { now_at: null }>(
    tx,
    'select now_at, advancing from hold_clock_of($1, $2)',
    [merchant, contractId],
  );
  return held.now_at === null ? null : held;
}

/** The time on a test clock, or on none. */
export async function nowOf(db: Db, merchant: MerchantId, clockId: string | null): Promise<string> {
  return (await readClock(db, merchant, clockId)).now_at;
}

/** The time on a test clock, or on none, and whether the clock is on its way; nothing is held. */
export function readClock(
  db: Db,
  merchant: MerchantId,
  clockId: string | null,
): Promise<{ readonly now_at: string; readonly advancing: boolean }> {
  return row(
    db,
    `select coalesce(k.now_at, date_trunc('milliseconds', clock_timestamp())) as now_at, coalesce(k.status = 'advancing', false) as advancing
     from (select) one left join test_clocks k on k.merchant_id = $1 and k.id = $2`,
    [merchant, clockId],
  );
}

/**
 * Holds a clock, so that it neither moves nor is deleted under what is made on it.
 * @throws DomainError not_found, by the field that led to it, when it was deleted meanwhile
 */
export async function holdClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  field: string,
): Promise<{ readonly now_at: string; readonly status: string }> {
  const clock = await maybeRow<{ now_at: string; status: string }>(
    tx,
    'select now_at, status from test_clocks where merchant_id = $1 and id = $2 for share',
    [merchant, clockId],
  );
  return found(clock, 'test clock any more', field);
}

/**
 * Takes up a clock that is told to advance, by its id alone: the message that starts its walk has arrived. Null when
 * there is nothing to walk.
 */
export async function takeUpAdvance(db: Db, clockId: string): Promise<MerchantId | null> {
  const clock = await maybeRow<{ merchant_id: string }>(
    db,
    `with arrived as (update outbox set state = 'delivered' where clock_id = $1 and object = '${PREFIX.clock}' || $1 and state = 'waiting')
     select merchant_id from test_clocks where id = $1 and status = 'advancing' and target_at is not null`,
    [clockId],
  );
  return clock === null ? null : merchantId(clock.merchant_id);
}

/** So many are claimed at once. */
const MOST_CLAIMED = 100;

/**
 * Claims clocks that have been advancing for so many seconds, or since somebody claimed them; longest first. Nobody else
 * gets them for as long again. Its walk may take hours, so a clock is looked at for as long as it advances.
 */
export function claimAdvancing(db: Db, seconds: number): Promise<Overdue[]> {
  return rows<Overdue>(
    db,
    `with late as materialized (select merchant_id, id, held_until from test_clocks
       where status = 'advancing' and held_until <= statement_timestamp() - make_interval(secs => $1)
       order by held_until limit ${MOST_CLAIMED} for no key update skip locked)
     update test_clocks k set held_until = statement_timestamp() from late l where k.merchant_id = l.merchant_id and k.id = l.id
     returning '${PREFIX.clock}' || k.id as workflow_id, k.merchant_id, l.held_until as due_at, 0 as looks, false as incident`,
    [seconds],
  );
}

/** Where a clock stands, and all that is open there (rule 44). */
export interface ClockLook {
  readonly now_at: string;
  readonly target_at: string | null;
  readonly status: ClockStatus;
  /** Rows of the agenda up to now, in the order in which they are to be done; each step of one moves its instant. */
  readonly due: readonly {
    readonly workflow_id: string;
    readonly kind: AgendaKind;
    readonly due_at: string;
  }[];
  /** The next instant of the agenda after now. */
  readonly next_at: string | null;
  /** Starts, wakes and commands that were not delivered. */
  readonly messages: number;
  readonly commands: readonly { readonly id: string; readonly contract_id: string }[];
  /** Planned or sent, with no outcome yet. */
  readonly attempts: readonly OpenAttempt[];
  readonly incidents: readonly { readonly id: string; readonly workflow_id: string }[];
}

export interface OpenAttempt {
  readonly id: string;
  readonly contract_id: string | null;
  /** The first one is the contract's own. */
  readonly n: number;
  readonly state: string;
  /** Collection is to look after it later than now. */
  readonly collected_later: boolean;
}

/** So many rows of each kind are looked at together; what is beyond has its turn afterwards. */
const MOST_OPEN = 1_000;

const LOOK = `select k.now_at, k.target_at, k.status,
    (select coalesce(jsonb_agg(jsonb_build_object('workflow_id', workflow_id, 'kind', kind, 'due_at', due_at) order by place, due_at, workflow_id), '[]')
      from (select *, array_position(array['provider_event', 'contract', 'account', 'collection'], kind) as place from agenda
        where merchant_id = k.merchant_id and clock_id = k.id and due_at <= k.now_at order by place, due_at, workflow_id limit ${MOST_OPEN}) g) as due,
    (select min(due_at) from agenda where merchant_id = k.merchant_id and clock_id = k.id and due_at > k.now_at) as next_at,
    (select count(*)::int from outbox where merchant_id = k.merchant_id and clock_id = k.id and state in ('waiting', 'dead')
      and kind in ('start', 'wake', 'command')) as messages,
    (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'contract_id', m.contract_id) order by m.id), '[]')
      from commands m join contracts c on c.merchant_id = m.merchant_id and c.id = m.contract_id
      where m.merchant_id = k.merchant_id and m.state = 'pending' and c.clock_id = k.id) as commands,
    (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'contract_id', t.contract_id, 'n', t.n, 'state', t.state,
        'collected_later', exists (select from agenda g where g.workflow_id = '${PREFIX.collection}' || t.receivable_id and g.due_at > k.now_at))
        order by t.id), '[]')
      from attempts t join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id
      where t.merchant_id = k.merchant_id and t.state in ${stateList(WITHOUT_OUTCOME)} and b.clock_id = k.id) as attempts,
    (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'workflow_id', i.workflow_id) order by i.id), '[]') from incidents i
      where i.merchant_id = k.merchant_id and i.closed_at is null and (
        exists (select from contracts c where c.merchant_id = i.merchant_id and c.id = split_part(i.workflow_id, '/', 2) and c.clock_id = k.id)
        or exists (select from receivables r join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
          where r.merchant_id = i.merchant_id and r.id = split_part(i.workflow_id, '/', 2) and b.clock_id = k.id))) as incidents
  from test_clocks k where k.merchant_id = $1 and k.id = $2`;

/** Looks at a clock; null when there is none (it was deleted). */
export async function lookAtClock(db: Db, merchant: MerchantId, clockId: string): Promise<ClockLook | null> {
  const [look] = await preparedRows<ClockLook>(db, LOOK, [merchant, clockId]);
  return look ?? null;
}

/** Moves a clock; one that is ready has no target any more. */
export async function storeStop(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  { at, status }: { readonly at: string; readonly status: ClockStatus },
): Promise<void> {
  await rows(
    tx,
    `update test_clocks set now_at = greatest(now_at, $3), steps = steps + 1, status = $4,
       target_at = case when $4 = 'ready' then null else target_at end, problem = null
     where merchant_id = $1 and id = $2`,
    [merchant, clockId, at, status],
  );
}

/** Leaves a clock where it stands, with the reason; it can be told to advance again. */
export async function markStuck(
  db: Db,
  merchant: MerchantId,
  clockId: string,
  problem: string,
): Promise<void> {
  await rows(
    db,
    `update test_clocks set status = 'stuck', problem = $3, target_at = null
     where merchant_id = $1 and id = $2 and status = 'advancing'`,
    [merchant, clockId, problem],
  );
}
