// The runs of collective accounts, step by step, without workflows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { getAccount } from '../../../db/books/accounts.ts';
import { listRuns } from '../../../db/books/runs.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { requestRun } from '../../../engine/books/account-runs.ts';
import { openAccount, reviseAccount } from '../../../engine/books/accounts.ts';
import { type AccountStanding, runAccount } from '../../../engine/books/run-account.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
  vault,
} from '../../support/merchant.ts';
import { createCustomer } from '../../../engine/parties/customers.ts';
import { row, rows } from '../../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(async () => {
  expect((await audit(pool, AT_REST)).filter(({ check }) => check !== 'incident_open')).toEqual([]);
  await database.close();
});

const LATER = '1970-01-01T00:00:00.000Z';
const MONTHLY = { anchor: '2024-02-01', every: { unit: 'month', count: 1 } } as const;

interface Collective {
  readonly clock: string;
  readonly customer: string;
  readonly account: string;
}

/** A customer on a clock at 2024-01-10, with a collective account. */
async function collective(runs: typeof MONTHLY | null): Promise<Collective> {
  const clock = await createClock(pool, merchant, '2024-01-10T09:00:00.000Z');
  const { id: issuer } = await row<{ id: string }>(pool, 'select id from issuers where merchant_id = $1', [
    merchant,
  ]);
  return inTransaction(pool, async (tx) => {
    const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
    const customer = await createCustomer(
      tx,
      vault,
      merchant,
      { party: { name: 'Nordlicht' }, ...home },
      'customer',
    );
    const of = { customer, issuer, currency: 'EUR', kind: 'collective', price_mode: 'net' } as const;
    return { clock, customer, account: await openAccount(tx, merchant, { ...of, runs }) };
  });
}

async function ordered({ customer, account }: Collective, seats = 0): Promise<string> {
  const components = seats === 0 ? [] : [{ component: 'seat', quantity: String(seats) }];
  const { contractId } = await order(pool, merchant, { customer, account, variant: 'pro', components });
  await settle(pool, contractId);
  return contractId;
}

/** Takes steps until nothing is due. */
async function run(account: string, onMoment?: (moment: string) => void): Promise<AccountStanding> {
  const deps = {
    pool,
    limit: 250,
    settle: (contractId: string) => settle(pool, contractId),
    ...(onMoment && { onMoment }),
  };
  for (let steps = 0; ; steps++) {
    const standing = await runAccount(deps, { accountId: account, woken: LATER });
    if (!standing.behind) return standing;
    expect(steps).toBeLessThan(50);
  }
}

const documents = (account: string): Promise<string[]> =>
  rows<{ line: string }>(
    pool,
    `select concat_ws(' ', iso(effective_at), kind, net_minor, tax_minor, gross_minor) as line
     from documents where account_id = $1 order by effective_at, id`,
    [account],
  ).then((found) => found.map(({ line }) => line));

const linesOf = (account: string): Promise<object[]> =>
  rows(
    pool,
    `select l.position, c.contract_id, c.amount_minor::int as amount from document_lines l
     join documents d on d.merchant_id = l.merchant_id and d.id = l.document_id
     join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
     where d.account_id = $1 order by d.effective_at, l.position`,
    [account],
  );

describe('the runs of a collective account (rule 33)', () => {
  it('make one document of the charges of all contracts, the charges of the account itself first', async () => {
    const of = await collective(MONTHLY);
    const [first, second] = [await ordered(of, 2), await ordered(of)];
    expect(await documents(of.account)).toEqual([]);
    await moveClock(pool, of.clock, '2024-02-01T06:00:00.000Z');
    const standing = await run(of.account);
    expect(standing).toMatchObject({ nextDue: '2024-02-29T23:00:00.000Z', finished: false, incident: null });
    // 99.00 + 2 × 9.00 + 99.00 = 216.00; 19 % are 41.04.
    expect(await documents(of.account)).toEqual(['2024-01-31T23:00:00.000Z invoice 21600 4104 25704']);
    expect(await linesOf(of.account)).toEqual([
      { position: 1, contract_id: first, amount: 9900 },
      { position: 2, contract_id: first, amount: 1800 },
      { position: 3, contract_id: second, amount: 9900 },
    ]);
    expect(
      await rows(
        pool,
        `select contract_id, ledger_account, amount_minor::int as amount from postings where account_id = $1
         and ledger_account = 'receivable' order by n`,
        [of.account],
      ),
    ).toEqual([
      { contract_id: first, ledger_account: 'receivable', amount: 13923 },
      { contract_id: second, ledger_account: 'receivable', amount: 11781 },
    ]);
    expect(await rows(pool, 'select from waiting_charges where account_id = $1', [of.account])).toEqual([]);
  });

  it('make a document for each run that was missed, and settle the contracts before', async () => {
    const of = await collective(MONTHLY);
    await ordered(of);
    await ordered(of);
    await moveClock(pool, of.clock, '2024-04-05T06:00:00.000Z');
    const settled: string[] = [];
    expect(await run(of.account, (moment) => void settled.push(moment))).toMatchObject({
      nextDue: '2024-04-30T22:00:00.000Z',
    });
    expect(settled).toEqual([
      'run:committed',
      'run:settled:1',
      'run:settled:2',
      'run:committed',
      'run:committed',
    ]);
    expect(await documents(of.account)).toEqual([
      '2024-01-31T23:00:00.000Z invoice 19800 3762 23562',
      '2024-02-29T23:00:00.000Z invoice 19800 3762 23562',
      '2024-03-31T22:00:00.000Z invoice 19800 3762 23562',
    ]);
    // Numbered in order, and nothing is billed twice.
    expect(await run(of.account)).toMatchObject({ behind: false });
    expect(await documents(of.account)).toHaveLength(3);
  });

  it('leave out a contract whose step fails, and bill its charges with the next run', async () => {
    const of = await collective(MONTHLY);
    const [good, broken] = [await ordered(of), await ordered(of)];
    await run(of.account);
    await moveClock(pool, of.clock, '2024-03-01T06:00:00.000Z');
    await rows(pool, `update contracts set time_zone = 'Nowhere/Never' where id = $1`, [broken]);
    expect(await run(of.account)).toMatchObject({ incident: null });
    expect(await documents(of.account)).toEqual([
      '2024-01-31T23:00:00.000Z invoice 19800 3762 23562',
      '2024-02-29T23:00:00.000Z invoice 9900 1881 11781',
    ]);
    const { data } = await listRuns(pool, merchant, of.account, { limit: 10 });
    expect(data.map(({ left_out }) => left_out)).toEqual([[], [broken]]);
    await rows(pool, `update contracts set time_zone = 'Europe/Berlin' where id = $1`, [broken]);
    await settle(pool, broken);
    await moveClock(pool, of.clock, '2024-04-01T06:00:00.000Z');
    await run(of.account);
    expect((await documents(of.account))[2]).toBe('2024-03-31T22:00:00.000Z invoice 29700 5643 35343');
    expect((await linesOf(of.account)).slice(3)).toEqual([
      { position: 1, contract_id: good, amount: 9900 },
      { position: 2, contract_id: broken, amount: 9900 },
      { position: 3, contract_id: broken, amount: 9900 },
    ]);
  });

  it('come by hand: twice at once is one run, and a run without charges has no document', async () => {
    const of = await collective(null);
    const contract = await ordered(of);
    const ask = (): Promise<string> => inTransaction(pool, (tx) => requestRun(tx, merchant, of.account));
    const [once, again] = await Promise.all([ask(), ask()]);
    expect(again).toBe(once);
    expect(await run(of.account)).toMatchObject({ nextDue: null, finished: true });
    expect(await documents(of.account)).toEqual(['2024-01-10T09:00:00.000Z invoice 9900 1881 11781']);
    await ask();
    await run(of.account);
    const { data } = await listRuns(pool, merchant, of.account, { limit: 10 });
    expect(data).toMatchObject([
      { id: once, cause: 'hand', state: 'done', document: expect.any(String) },
      { cause: 'hand', state: 'done', document: null },
    ]);
    // The contract ends. Its credit comes with the next run, as a credit note: 22 of 31 days begin on the 19th.
    await moveClock(pool, of.clock, '2024-01-19T09:00:00.000Z');
    await command(pool, merchant, contract, { kind: 'cancel', effective: 'now' });
    await settle(pool, contract);
    await ask();
    await run(of.account);
    // 99.00 × 22 ÷ 31 = 70.26; 19 % are 13.35.
    expect((await documents(of.account))[1]).toBe('2024-01-19T09:00:00.000Z credit_note -7026 -1335 -8361');
  });

  it('stay due when the calendar changes, and the account becomes immediate only when nothing waits', async () => {
    const of = await collective(MONTHLY);
    const contract = await ordered(of);
    const revise = (revision: object): Promise<void> =>
      inTransaction(pool, (tx) => reviseAccount(tx, merchant, of.account, revision));
    await expect(revise({ kind: 'immediate' })).rejects.toMatchObject({ code: 'charges_waiting' });
    await expect(revise({ price_mode: 'gross' })).rejects.toMatchObject({ code: 'price_mode_mismatch' });
    await moveClock(pool, of.clock, '2024-02-01T06:00:00.000Z');
    await revise({ runs: null });
    expect(await run(of.account)).toMatchObject({ finished: true });
    expect(await documents(of.account)).toHaveLength(1);
    await revise({ kind: 'immediate' });
    expect(await getAccount(pool, merchant, of.account)).toMatchObject({
      kind: 'immediate',
      price_mode: null,
      next_run_at: null,
    });
    await moveClock(pool, of.clock, '2024-02-10T06:00:00.000Z');
    await settle(pool, contract);
    expect((await documents(of.account))[1]).toBe('2024-02-09T23:00:00.000Z invoice 9900 1881 11781');
    await expect(revise({ runs: MONTHLY })).rejects.toMatchObject({ code: 'account_not_collective' });
    await revise({ kind: 'collective', runs: { ...MONTHLY, anchor: '2024-03-15' } });
    await moveClock(pool, of.clock, '2024-03-15T06:00:00.000Z');
    await run(of.account);
    expect((await documents(of.account))[2]).toBe('2024-03-14T23:00:00.000Z invoice 9900 1881 11781');
  });
});
