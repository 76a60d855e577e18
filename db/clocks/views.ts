import { WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { int } from '../platform/columns.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

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

const countOpenWork = statement('openWorkOfClock', {
  sql: `select
      (select count(*)::int from agenda a join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
       where a.merchant_id = :merchant and a.clock_id = :clock and a.due_at <= k.now_at) as due,
      (select count(*)::int from commands m join contracts c on c.merchant_id = m.merchant_id and c.id = m.contract_id
       where m.merchant_id = :merchant and m.state = 'pending' and c.clock_id = :clock) as commands,
      (select count(*)::int from outbox where merchant_id = :merchant and clock_id = :clock and state in ('waiting', 'dead')
         and kind in ('start', 'wake', 'command')) as messages,
      (select count(*)::int from attempts t join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id
       where t.merchant_id = :merchant and t.state in ${stateList(WITHOUT_OUTCOME)} and b.clock_id = :clock) as attempts,
      (select count(*)::int from incidents i where i.merchant_id = :merchant and i.closed_at is null and (
         exists (select from contracts c where c.merchant_id = i.merchant_id and c.clock_id = :clock
           and c.id = split_part(i.workflow_id, '/', 2))
         or exists (select from receivables r join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
           where r.merchant_id = i.merchant_id and b.clock_id = :clock
             and r.id = split_part(i.workflow_id, '/', 2)))) as incidents`,
  params: { merchant: 'text', clock: 'text' },
  row: { due: int, commands: int, messages: int, attempts: int, incidents: int },
});

/** The counts of everything that has not settled at the clock's instant (rule 44). */
export function openWork(
  db: Db,
  merchant: MerchantId,
  clock: string,
): Promise<RowOf<typeof countOpenWork.columns>> {
  return countOpenWork.row(db, { merchant, clock });
}
