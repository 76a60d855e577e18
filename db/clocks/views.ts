import { WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { PREFIX } from '../../temporal/ids.ts';

export interface ClockView {
  readonly id: string;
  readonly name: string;
  readonly now_at: string;
  readonly started_at: string;
  readonly target_at: string | null;
  readonly status: 'ready' | 'advancing' | 'stuck';
  readonly problem: string | null;
  readonly steps: number;
  readonly created_at: string;
}

const SELECT = `select k.id as cursor_key, k.id, k.name, k.now_at, k.started_at, k.target_at, k.status, k.problem, k.steps,
    k.created_at from test_clocks k where k.merchant_id = $1`;

/** Makes a clock that stands at the instant until it is advanced. */
export async function createClock(
  db: Db,
  merchant: MerchantId,
  clock: { readonly name: string; readonly at: string },
): Promise<string> {
  const id = newId('clock');
  await rows(
    db,
    `insert into test_clocks (merchant_id, id, name, now_at, started_at, status) values ($1, $2, $3, $4, $4, 'ready')`,
    [merchant, id, clock.name, clock.at],
  );
  return id;
}

export function getClock(db: Db, merchant: MerchantId, id: string): Promise<ClockView | null> {
  return maybeRow<ClockView>(db, `${SELECT} and k.id = $2`, [merchant, id]);
}

export function listClocks(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<ClockView>> {
  return pageOf<ClockView>(db, SELECT, [merchant], page);
}

/** The counts of everything that has not settled at the clock's instant (rule 44). */
interface OpenWork {
  readonly due: number;
  readonly commands: number;
  readonly messages: number;
  readonly attempts: number;
  readonly incidents: number;
}

export async function openWork(db: Db, merchant: MerchantId, clockId: string): Promise<OpenWork> {
  const [counted] = await rows<OpenWork>(
    db,
    `select
       (select count(*)::int from agenda a join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
        where a.merchant_id = $1 and a.clock_id = $2 and a.due_at <= k.now_at) as due,
       (select count(*)::int from commands m join contracts c on c.merchant_id = m.merchant_id and c.id = m.contract_id
        where m.merchant_id = $1 and m.state = 'pending' and c.clock_id = $2) as commands,
       (select count(*)::int from outbox where merchant_id = $1 and clock_id = $2 and state in ('waiting', 'dead')
          and kind in ('start', 'wake', 'command')) as messages,
       (select count(*)::int from attempts t join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id
        where t.merchant_id = $1 and t.state in ${stateList(WITHOUT_OUTCOME)} and b.clock_id = $2) as attempts,
       (select count(*)::int from incidents i join contracts c on i.workflow_id = '${PREFIX.contract}' || c.id
        where c.merchant_id = $1 and i.closed_at is null and c.clock_id = $2) as incidents`,
    [merchant, clockId],
  );
  return counted ?? { due: 0, commands: 0, messages: 0, attempts: 0, incidents: 0 };
}
