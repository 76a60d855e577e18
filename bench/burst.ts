import { int, text } from '../db/platform/columns.ts';
import type { Pool } from '../db/platform/pool.ts';
import { statement } from '../db/platform/statement.ts';
import type { Tally } from './tally.ts';
import { type Herd, type Renewed, perSecondOf, repeatedly } from './throughput.ts';

/** The result for very many contracts that are due at one instant, compared with a few of them before and after. */
export interface Burst {
  readonly contracts: number;
  readonly perSecond: number;
  readonly few: number;
  readonly fewPerSecond: readonly [before: number, after: number];
  /** The rate of all ÷ the mean rate of a few. */
  readonly ratio: number;
  /** Retries of activities while all were due. */
  readonly retries: number;
  /** How often a contract got no connection for the local activity, and was settled in an ordinary one. */
  readonly elsewhere: number;
  /** The fewest and the most bills that a due contract got. */
  readonly bills: { readonly fewest: number; readonly most: number };
}

interface Books {
  readonly pool: Pool;
  readonly tally: Tally;
}

/** Measures all contracts of a herd due at one instant, between two rounds of the first few of them. */
export async function burst(
  all: Herd,
  { few, books: { pool, tally } }: { readonly few: number; readonly books: Books },
  report: (line: string) => void,
): Promise<Burst> {
  const renewFew = repeatedly({ ...all, ids: all.ids.slice(0, few) }, 1);
  await renewFew();
  const before = await renewFew();
  report(`${few} due at once: ${perSecondOf(before)}`);
  const from = tally.executions.length;
  // Most of them are replayed when they are woken, which takes longer than for a few.
  const schedulingMs = (2 * before.schedulingMs * all.ids.length) / few;
  const renewed = await billsDuring(pool, all.ids, repeatedly(all, 1, schedulingMs));
  const executions = tally.executions.slice(from);
  const retries = executions.filter(({ attempt }) => attempt > 1).length;
  const elsewhere = executions.filter(({ local }) => !local).length;
  report(
    `${all.ids.length} due at once: ${perSecondOf(renewed)}, ${retries} retries, ${elsewhere} in ordinary activities`,
  );
  const after = await renewFew();
  report(`${few} due at once: ${perSecondOf(after)}`);
  return {
    contracts: all.ids.length,
    perSecond: renewed.perSecond,
    few,
    fewPerSecond: [before.perSecond, after.perSecond],
    ratio: renewed.perSecond / ((before.perSecond + after.perSecond) / 2),
    retries,
    elsewhere,
    bills: renewed.bills,
  };
}

const lastCharge = statement('benchLastCharge', {
  sql: `select coalesce(max(id), '') as last from charges`,
  row: { last: text },
});

const countBills = statement('benchBills', {
  sql: `
    select min(coalesce(n, 0)) as fewest, max(coalesce(n, 0)) as most
    from unnest(:contracts) due(id)
    left join (select contract_id, count(*)::int as n from charges where id > :last group by 1) billed
      on billed.contract_id = due.id`,
  params: { contracts: 'text[]', last: 'text' },
  row: { fewest: int, most: int },
});

/** Renews contracts, and counts the bills that each got in the last round. */
async function billsDuring(
  pool: Pool,
  contractIds: readonly string[],
  renew: () => Promise<Renewed>,
): Promise<Renewed & { bills: Burst['bills'] }> {
  const { last } = await lastCharge.row(pool, {});
  const renewed = await renew();
  const { fewest, most } = await countBills.row(pool, { contracts: contractIds, last });
  const earlier = renewed.rounds - 1;
  return { ...renewed, bills: { fewest: fewest - earlier, most: most - earlier } };
}
