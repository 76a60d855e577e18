// Contracts that move between accounts, step by step, without workflows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { listPayments } from '../../../db/payments/list-payments.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { requestRun } from '../../../engine/books/account-runs.ts';
import { openAccount, reviseAccount } from '../../../engine/books/accounts.ts';
import { runAccount } from '../../../engine/books/run-account.ts';
import { previewCommand } from '../../../engine/contracts/commands.ts';
import { moveContract } from '../../../engine/contracts/move.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import { createCustomer } from '../../../engine/parties/customers.ts';
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
import { row, rows } from '../../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let issuer: string;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  ({ id: issuer } = await row<{ id: string }>(pool, 'select id from issuers where merchant_id = $1', [
    merchant,
  ]));
});
afterAll(async () => {
  expect(await audit(pool, AT_REST)).toEqual([]);
  await database.close();
});

const LATER = '1970-01-01T00:00:00.000Z';
const MONTHLY = {
  kind: 'collective',
  price_mode: 'net',
  runs: { anchor: '2024-02-01', every: { unit: 'month', count: 1 } },
} as const;

/** A customer on a clock at 2024-01-10. */
async function begin(): Promise<{ clock: string; customer: string }> {
  const clock = await createClock(pool, merchant, '2024-01-10T09:00:00.000Z');
  const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
  const customer = await inTransaction(pool, (tx) =>
    createCustomer(tx, vault, merchant, { party: { name: 'Nordlicht' }, ...home }, 'customer'),
  );
  return { clock, customer };
}

const open = (customer: string, more: object = {}): Promise<string> =>
  inTransaction(pool, (tx) => openAccount(tx, merchant, { customer, issuer, currency: 'EUR', ...more }));

async function ordered(customer: string, account: string, seats = 0): Promise<string> {
  const components = seats === 0 ? [] : [{ component: 'seat', quantity: String(seats) }];
  const { contractId } = await order(pool, merchant, { customer, account, variant: 'pro', components });
  await settle(pool, contractId);
  return contractId;
}

const move = (contract: string, account: string): Promise<void> =>
  inTransaction(pool, (tx) => moveContract(tx, merchant, contract, account));

async function ask(contract: string, request: Parameters<typeof command>[3]): Promise<void> {
  const { commandId } = await command(pool, merchant, contract, request);
  const { answers } = await settle(pool, contract, [commandId]);
  expect(answers[commandId]).toMatchObject({ state: 'applied' });
}

/** Takes the steps of an account until nothing is due. */
async function run(account: string): Promise<void> {
  const deps = { pool, limit: 250, settle: (contractId: string) => settle(pool, contractId) };
  for (let steps = 0; (await runAccount(deps, { accountId: account, woken: LATER })).behind; steps++)
    expect(steps).toBeLessThan(50);
}

const documents = (account: string): Promise<string[]> =>
  rows<{ line: string }>(
    pool,
    `select concat_ws(' ', effective_at::date, kind, net_minor, tax_minor) as line
     from documents where account_id = $1 order by effective_at, id`,
    [account],
  ).then((found) => found.map(({ line }) => line));

describe('a contract that moves to another account (rule 33)', () => {
  it('leaves the charges that were made, and a later credit of them, on the account that it left', async () => {
    const { clock, customer } = await begin();
    const [left, joined] = [await open(customer, MONTHLY), await open(customer, MONTHLY)];
    const contract = await ordered(customer, left, 2);
    await move(contract, joined);
    await moveClock(pool, clock, '2024-02-01T06:00:00.000Z');
    await run(joined);
    await run(left);
    expect(await documents(left)).toEqual(['2024-01-31 invoice 11700 2223']); // 99.00 + 2 × 9.00
    expect(await documents(joined)).toEqual([]);
    // On 5 February, 5 of 31 days are left: −2.90 of 18.00, and 7.26 of 45.00.
    await moveClock(pool, clock, '2024-02-05T09:00:00.000Z');
    const change = {
      kind: 'change',
      components: { set: [{ subscription: 'seat', quantity: '5' }] },
      effective: 'now',
    } as const;
    const { documents: previewed } = await previewCommand(pool, merchant, contract, change);
    expect(previewed.map(({ kind, netMinor }) => [kind, netMinor])).toEqual([
      ['invoice', 726n],
      ['credit_note', -290n],
    ]);
    await ask(contract, change);
    // On 15 February, 24 of 29 days are left of what was charged on the 10th: 99.00 and 45.00.
    await moveClock(pool, clock, '2024-02-15T09:00:00.000Z');
    await ask(contract, { kind: 'cancel', effective: 'now' });
    await moveClock(pool, clock, '2024-03-01T06:00:00.000Z');
    await run(left);
    await run(joined);
    expect(await documents(left)).toEqual([
      '2024-01-31 invoice 11700 2223',
      '2024-02-29 credit_note -290 -55',
    ]);
    // 7.26 + 99.00 + 45.00 − 81.93 − 37.24 = 32.09, and 6.10 of tax.
    expect(await documents(joined)).toEqual(['2024-02-29 invoice 3209 610']);
  });

  it('has a credit of an invoice of an immediate account billed there at once, and its new charges by the run', async () => {
    const { clock, customer } = await begin();
    const [left, joined] = [await open(customer), await open(customer, MONTHLY)];
    const contract = await ordered(customer, left, 2);
    expect(await documents(left)).toEqual(['2024-01-10 invoice 11700 2223']);
    const receipt = { accountId: left, amountMinor: 13_923n, currency: 'EUR', reference: 'transfer' };
    await inTransaction(pool, (tx) => recordReceipt(tx, merchant, receipt));
    await move(contract, joined);
    const payments = await listPayments(pool, merchant, { contract }, { limit: 5 });
    expect(payments.data.map(({ account, amount_minor }) => [account, amount_minor])).toEqual([
      [left, 13_923n],
    ]);
    await moveClock(pool, clock, '2024-02-05T09:00:00.000Z');
    await ask(contract, {
      kind: 'change',
      components: { set: [{ subscription: 'seat', quantity: '5' }] },
      effective: 'now',
    });
    expect(
      await rows(pool, `select due_at from agenda where workflow_id = 'account/' || $1`, [left]),
    ).toEqual([{ due_at: '2024-02-05T09:00:00.000Z' }]);
    await run(left);
    expect(await documents(left)).toEqual([
      '2024-01-10 invoice 11700 2223',
      '2024-02-05 credit_note -290 -55',
    ]);
    expect(await rows(pool, `select from agenda where workflow_id = 'account/' || $1`, [left])).toEqual([]);
    expect(await rows(pool, 'select cause, state from account_runs where account_id = $1', [left])).toEqual([
      { cause: 'credits', state: 'done' },
    ]);
    await moveClock(pool, clock, '2024-03-01T06:00:00.000Z');
    await run(joined);
    // 7.26 on 5 February, and 99.00 + 45.00 on the 10th: one run each.
    expect(await documents(joined)).toEqual(['2024-02-29 invoice 15126 2874']);
  });

  it('becomes immediate: its charges wait for the run of the account that it left', async () => {
    const { clock, customer } = await begin();
    const [left, joined] = [await open(customer, MONTHLY), await open(customer)];
    const contract = await ordered(customer, left);
    await move(contract, joined);
    await moveClock(pool, clock, '2024-02-10T09:00:00.000Z');
    await settle(pool, contract);
    await run(left);
    expect(await documents(left)).toEqual(['2024-01-31 invoice 9900 1881']);
    expect(await documents(joined)).toEqual(['2024-02-09 invoice 9900 1881']);
    await move(contract, left);
    await inTransaction(pool, (tx) => requestRun(tx, merchant, left));
    await run(left);
    expect(await documents(left)).toHaveLength(1);
  });

  it('may move to and fro while both accounts are run: each charge is on one document', async () => {
    const { clock, customer } = await begin();
    const [left, joined] = [await open(customer, MONTHLY), await open(customer, MONTHLY)];
    const contracts = [
      await ordered(customer, left),
      await ordered(customer, left),
      await ordered(customer, left),
    ];
    await moveClock(pool, clock, '2024-05-05T09:00:00.000Z');
    const moves = async (): Promise<void> => {
      for (const account of [joined, left, joined, left, joined])
        for (const contract of contracts) await move(contract, account);
    };
    await Promise.all([run(left), run(joined), moves()]);
    for (const account of [left, joined]) {
      await inTransaction(pool, (tx) => requestRun(tx, merchant, account));
      await run(account);
    }
    // 99.00 on the 10th of January, February, March and April, of three contracts. Each line is on one document.
    expect(
      await rows(
        pool,
        `select count(*)::int as lines, count(distinct l.charge_id)::int as charges, sum(l.net_minor)::int as net
         from document_lines l join documents d on d.merchant_id = l.merchant_id and d.id = l.document_id
         where d.account_id in ($1, $2)`,
        [left, joined],
      ),
    ).toEqual([{ lines: 12, charges: 12, net: 118_800 }]);
  });

  it('is refused by an account with other prices, and moving it twice changes nothing', async () => {
    const { customer } = await begin();
    const [left, gross] = [
      await open(customer, MONTHLY),
      await open(customer, { ...MONTHLY, price_mode: 'gross' }),
    ];
    const contract = await ordered(customer, left);
    await expect(move(contract, gross)).rejects.toMatchObject({
      code: 'price_mode_mismatch',
      field: 'account',
    });
    const others = await begin();
    await expect(move(contract, await open(others.customer, MONTHLY))).rejects.toMatchObject({
      code: 'not_found',
      field: 'account',
    });
    await expect(move(contract, await open(customer, { currency: 'USD' }))).rejects.toMatchObject({
      code: 'currency_mismatch',
      field: 'account',
    });
    const mixed = await open(customer);
    await ordered(customer, mixed);
    const revise = (revision: object): Promise<void> =>
      inTransaction(pool, (tx) => reviseAccount(tx, merchant, mixed, revision));
    const [bound] = await rows<{ id: string }>(pool, 'select id from contracts where account_id = $1', [
      mixed,
    ]);
    await move(bound?.id ?? '', left);
    await expect(revise({ kind: 'collective', price_mode: 'gross' })).rejects.toMatchObject({
      code: 'price_mode_mismatch',
    });
    await move(contract, left);
    await ask(contract, { kind: 'cancel', effective: 'now' });
    await expect(move(contract, await open(customer, MONTHLY))).rejects.toMatchObject({
      code: 'contract_ended',
    });
    await expect(
      inTransaction(pool, (tx) => reviseAccount(tx, merchant, left, { kind: 'immediate' })),
    ).rejects.toMatchObject({ code: 'charges_waiting' });
  });
});
