import { instant, int, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { clockStatus } from './clocks.ts';

const clockView = {
  id: text,
  name: text,
  now_at: instant,
  started_at: instant,
  target_at: instant.nullable(),
  status: clockStatus,
  problem: text.nullable(),
  steps: int,
  created_at: instant,
};
export type ClockView = RowOf<typeof clockView>;

const VIEW = `
  select k.id, k.name, k.now_at, k.started_at, k.target_at, k.status, k.problem, k.steps, k.created_at
  from test_clocks k
  where k.merchant_id = :merchant`;

const selectView = statement('clockView', {
  sql: `${VIEW} and k.id = :clock`,
  params: { merchant: 'text', clock: 'text' },
  row: clockView,
});

const listViews = listStatement('clockViews', { sql: VIEW, params: { merchant: 'text' }, row: clockView });

const insertClock = statement('insertClock', {
  sql: `
    insert into test_clocks (merchant_id, id, name, now_at, started_at, status)
    values (:merchant, :clock, :name, :at, :at, 'ready')`,
  params: { merchant: 'text', clock: 'text', name: 'text', at: 'timestamptz' },
});

/** Makes a clock that shows the instant `at` until it is advanced, and returns its id. */
export async function createClock(
  db: Db,
  merchant: MerchantId,
  { name, at }: { readonly name: string; readonly at: string },
): Promise<string> {
  const clock = newId('clock');
  await insertClock.run(db, { merchant, clock, name, at });
  return clock;
}

export function getClock(db: Db, merchant: MerchantId, id: string): Promise<ClockView | null> {
  return selectView.maybeRow(db, { merchant, clock: id });
}

export function listClocks(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<ClockView>> {
  return listViews.page(db, { merchant }, page);
}

const open = { due: int, commands: int, messages: int, attempts: int, incidents: int };

const countOpen = statement('openWorkOfClock', {
  sql: sqlFile(import.meta.url, 'open-work.sql'),
  params: { merchant: 'text', clock: 'text' },
  row: open,
});

/** Counts the work that is open on a clock at its instant (rule 44). */
export function openWork(db: Db, merchant: MerchantId, clockId: string): Promise<RowOf<typeof open>> {
  return countOpen.row(db, { merchant, clock: clockId });
}
