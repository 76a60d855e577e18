import { OPEN_ATTEMPT, UNDECIDED, WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from './state-list.ts';
import { type Keyed, nextRows } from './batches.ts';
import { type Pool, rows } from './pool.ts';
import { PREFIX } from '../../temporal/ids.ts';

/** A workflow that should be looked at, and what is late about it. */
export interface RepairCandidate extends Keyed {
  readonly workflow_id: string;
  /** In sentences without a full stop. Nothing: it only has to run. */
  readonly late: readonly string[];
}

/** Rows that are younger than this are still being worked on by the process that wrote them. */
const GRACE = `interval '10 seconds'`;
/** A row of the agenda that its owner should have taken; a clock that advances takes care of its own. */
const OVERDUE = `(g.clock_id is null and g.due_at <= clock_timestamp() - ${GRACE} or k.status <> 'advancing' and g.due_at <= k.now_at)`;
/** An attempt that nobody seems to drive: planned for a while, or sent by somebody whose lease is over. */
const LEFT_ALONE = `t.state in ${stateList(WITHOUT_OUTCOME)} and (t.lease_until is null or t.lease_until <= clock_timestamp())
  and t.effective_at <= coalesce(k.now_at, clock_timestamp() - ${GRACE})`;

/** So many rows are read at a time, whether they are needed or not. */
const BATCH = 1_000;

const nextOf = (table: string, columns: string): string =>
  `with part as materialized ${nextRows(table, BATCH, `merchant_id, id, ${columns}`)}`;

/** Contracts that have not ended, and ended ones that still owe somebody an answer. */
const CONTRACTS = `${nextOf('contracts', 'clock_id, phase')}
  select c.merchant_id, c.id, '${PREFIX.contract}' || c.id as workflow_id, array_remove(array[
      (select 'due since ' || iso(g.due_at) from agenda g where g.workflow_id = '${PREFIX.contract}' || c.id and ${OVERDUE}),
      (select 'command ' || m.id || ' is undecided' from commands m where m.merchant_id = c.merchant_id and m.contract_id = c.id
        and m.state = 'pending' and m.recorded_at <= clock_timestamp() - ${GRACE} order by m.seq limit 1),
      (select 'a ' || (o.payload->>'kind') || ' by collection is not stored' from outbox o where o.merchant_id = c.merchant_id
        and o.object = '${PREFIX.contract}' || c.id and o.kind = 'command' and o.state = 'waiting'
        and o.due_at <= clock_timestamp() - ${GRACE} order by o.id limit 1),
      (select 'attempt ' || t.id || ' is ' || t.state from attempts t where t.merchant_id = c.merchant_id and t.contract_id = c.id
        and t.n = 1 and ${LEFT_ALONE} order by t.id limit 1)], null) as late,
    c.phase <> 'ended'
      or exists (select from commands m where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending')
      or exists (select from attempts t where t.merchant_id = c.merchant_id and t.contract_id = c.id and t.n = 1 and ${LEFT_ALONE}) as needed
  from part c left join test_clocks k on k.merchant_id = c.merchant_id and k.id = c.clock_id
  order by c.merchant_id, c.id`;

/**
 * Collections that are late, and those that are at work: once there is more to a receivable than a first attempt.
 * Before that the contract has it, and collection's agenda row starts it in time.
 */
const COLLECTIONS = `${nextOf('receivables', 'account_id, open_minor, dunning_level')}
  select r.merchant_id, r.id, '${PREFIX.collection}' || r.id as workflow_id, array_remove(array[
      (select 'due since ' || iso(g.due_at) from agenda g where g.workflow_id = '${PREFIX.collection}' || r.id and ${OVERDUE}),
      (select 'attempt ' || t.id || ' is ' || t.state from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
        and t.n > 1 and ${LEFT_ALONE} order by t.id limit 1)], null) as late,
    r.open_minor > 0 and r.dunning_level > 0
      or exists (select from agenda g where g.workflow_id = '${PREFIX.collection}' || r.id and ${OVERDUE})
      or exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.state in ${stateList(OPEN_ATTEMPT)}
        and (t.state in ${stateList(UNDECIDED)} and (t.state = 'unknown' or t.n > 1 or t.lookups > 0) or t.n > 1 and ${LEFT_ALONE})) as needed
  from part r join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
  left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
  order by r.merchant_id, r.id`;

/** Test clocks that are on their way. */
const CLOCKS = `${nextOf('test_clocks', 'status')}
  select k.merchant_id, k.id, '${PREFIX.clock}' || k.id as workflow_id, array[]::text[] as late, k.status = 'advancing' as needed
  from part k order by k.merchant_id, k.id`;

/**
 * Everything that must run or be woken, from the database alone, in batches. Contracts come first. Each batch begins where
 * the one before has ended, so it costs the same however many there are.
 */
export async function* repairCandidates(pool: Pool): AsyncGenerator<RepairCandidate[]> {
  for (const sql of [CONTRACTS, COLLECTIONS, CLOCKS]) {
    for (let last: Keyed = { merchant_id: '', id: '' }; ;) {
      const part = await rows<RepairCandidate & { needed: boolean }>(pool, sql, [last.merchant_id, last.id]);
      const end = part.at(-1);
      if (end === undefined) break;
      const needed = part.filter((each) => each.needed);
      if (needed.length > 0) yield needed;
      last = end;
    }
  }
}
