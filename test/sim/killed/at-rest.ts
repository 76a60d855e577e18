import { setTimeout as delay } from 'node:timers/promises';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Db } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import type { Workflows } from '../../../temporal/client.ts';
import type { Asked } from './asked.ts';

/** How long other processes may take to take over the messages and tasks of a process that was killed. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/** Findings of work that is undone or was done twice for a merchant, on a clock that is ready. Waits a minute until there are none. */
export async function findingsAtRest(
  db: Db,
  workflows: Pick<Workflows, 'find'>,
  merchant: MerchantId,
  asked: Asked,
): Promise<string[]> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    const found = [
      ...(await openRows(db, merchant)),
      ...(await countedOtherwise(db, merchant, asked)),
      ...(await wrongMoney(db, merchant)),
      ...(await stuckWorkflows(db, workflows, merchant)),
    ];
    if (found.length === 0 || Date.now() > until) return found;
    await delay(PAUSE_MS);
  }
}

function openRows(db: Db, merchant: MerchantId): Promise<string[]> {
  return texts(
    db,
    `select 'message ' || kind || ' to ' || object || ' is ' || state as text from outbox
       where merchant_id = $1 and state in ('waiting', 'dead')
     union all select 'command ' || id || ' is undecided' from commands where merchant_id = $1 and state = 'pending'
     union all select 'incident of ' || workflow_id || ' is open: ' || error from incidents
       where merchant_id = $1 and closed_at is null
     union all select 'attempt ' || id || ' is ' || state from attempts
       where merchant_id = $1 and state in ('planned', 'sent', 'unknown')
     union all select a.workflow_id || ' is due' from agenda a join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
       where a.merchant_id = $1 and a.due_at <= k.now_at`,
    merchant,
  );
}

/** Compares how many requests were answered as stored with how many are stored. */
async function countedOtherwise(db: Db, merchant: MerchantId, asked: Asked): Promise<string[]> {
  const stored = await row<Record<keyof Asked, number>>(
    db,
    `select (select count(*)::int from commands where merchant_id = $1 and actor like 'api:%') as commands,
       (select count(*)::int from payments where merchant_id = $1 and provider = 'hand') as receipts,
       (select count(*)::int from one_time_charges where merchant_id = $1 and kind = 'charge') as charges,
       (select count(*)::int from payment_methods where merchant_id = $1) as methods`,
    [merchant],
  );
  return (Object.keys(asked) as (keyof Asked)[])
    .filter((kind) => asked[kind] !== stored[kind])
    .map((kind) => `${asked[kind]} ${kind} were answered, and ${stored[kind]} are stored`);
}

/** Compares the provider's books with Tenor's: every charge was made once, and Tenor knows each of them. */
function wrongMoney(db: Db, merchant: MerchantId): Promise<string[]> {
  return texts(
    db,
    `with moved as (select i.id, count(*) filter (where m.kind = 'charge') as charges,
         coalesce(sum(case m.kind when 'charge' then m.amount_minor else -m.amount_minor end), 0) as minor
       from sandbox.intents i left join sandbox.movements m on m.intent_id = i.id where i.merchant_id = $1 group by i.id)
     select 'the provider charged ' || id || ' ' || charges || ' times' as text from moved where charges > 1
     union all select 'the provider charged ' || m.id || ', and no attempt succeeded' from moved m where charges > 0
       and not exists (select from attempts t where t.provider_object = m.id and t.state = 'succeeded')
     union all select 'attempt ' || t.id || ' succeeded, and the provider charged nothing' from attempts t
       where t.merchant_id = $1 and t.state = 'succeeded' and not exists (select from moved m where m.id = t.provider_object and m.charges > 0)
     union all select 'receivable ' || r.id || ' of ' || r.amount_minor || ' was charged ' || sum(m.minor) from receivables r
       join attempts t on t.merchant_id = r.merchant_id and t.receivable_id = r.id join moved m on m.id = t.provider_object
       where r.merchant_id = $1 group by r.id, r.amount_minor having sum(m.minor) > r.amount_minor`,
    merchant,
  );
}

/** Workflows in a wrong state. Contracts with an agenda row must have one that sleeps; all others may also be absent. */
async function stuckWorkflows(
  db: Db,
  workflows: Pick<Workflows, 'find'>,
  merchant: MerchantId,
): Promise<string[]> {
  const ids = await rows<{ id: string; due: boolean }>(
    db,
    `select 'contract/' || c.id as id, exists (select from agenda a where a.workflow_id = 'contract/' || c.id) as due
       from contracts c where c.merchant_id = $1
     union all select 'collection/' || r.id, false from receivables r where r.merchant_id = $1
     union all select 'clock/' || k.id, false from test_clocks k where k.merchant_id = $1`,
    [merchant],
  );
  const found: string[] = [];
  for (const { id, due } of ids) {
    const { state } = await workflows.find(id).catch((error: unknown) => ({ state: String(error) }));
    if (state === 'asleep' || (state === 'absent' && !due)) continue;
    found.push(`workflow ${id} is ${state}`);
  }
  return found;
}

async function texts(db: Db, sql: string, merchant: MerchantId): Promise<string[]> {
  return (await rows<{ text: string }>(db, sql, [merchant])).map(({ text }) => text);
}
