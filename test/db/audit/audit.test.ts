import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChargeActivities } from '../../../activities/charge.ts';
import type { CommandRequest } from '../../../engine/requests.ts';
import {
  AT_REST,
  type Finding,
  PATIENCE,
  type Patience,
  audit,
  findingsIn,
} from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { recordProviderEvent } from '../../../engine/payments/provider-events.ts';
import { storedPdf } from '../../../engine/books/pdfs.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import { render } from '../../../documents/pdf/tasks.ts';
import { requestRun } from '../../../engine/books/account-runs.ts';
import { openAccount } from '../../../engine/books/accounts.ts';
import { runAccount } from '../../../engine/books/run-account.ts';
import { createCustomer } from '../../../engine/parties/customers.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import { WRONG_DOCUMENTS } from './corruptions/documents.ts';
import { WRONG_LINES } from './corruptions/lines.ts';
import { WRONG_COLLECTIONS } from './corruptions/collections.ts';
import { STILL_OPEN } from './corruptions/open.ts';
import { WRONG_RUNS } from './corruptions/runs.ts';
import { WRONG_PAYMENTS } from './corruptions/payments.ts';
import { WRONG_USAGE } from './corruptions/usage.ts';
import { EVERYTHING, sellEveryKind, useEverything } from '../../support/every-kind.ts';
import { collectBalance } from '../../support/balance.ts';
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

// Books that Tenor's own code has written: orders, changes in the middle of a month, credits, pauses, cancellations with and
// without credit, usage, one-time charges, payments, a receipt, a chargeback. Each test corrupts one thing in them.
let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let clock: string;
const contracts: Record<'upgraded' | 'paused' | 'cancelled' | 'uncredited' | 'free' | 'everything', string> =
  {
    upgraded: '',
    paused: '',
    cancelled: '',
    uncredited: '',
    free: '',
    everything: '',
  };

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
  await sellEveryKind(pool, merchant);
  await placeOrder('upgraded', 'basic', [{ component: 'seat', quantity: '3' }]);
  await placeOrder('paused', 'pro', [{ component: 'support', quantity: '1' }]);
  await placeOrder('cancelled', 'pro', []);
  await placeOrder('uncredited', 'pro', []);
  await placeOrder('free', 'free', [{ component: 'seat', quantity: '2' }]);
  await placeOrder('everything', EVERYTHING.variant, EVERYTHING.components);
  await at('2024-02-20T10:00:00.000Z');
  await useEverything(pool, contracts.everything, '2024-02-20T10:00:00.000Z');
  await ask('upgraded', { kind: 'change', variant: 'pro', effective: 'now' });
  await ask('paused', { kind: 'pause', reason: 'customer', effective: 'now' });
  await at('2024-03-10T12:30:00.000Z');
  await ask('upgraded', {
    kind: 'change',
    components: { add: [{ component: 'support', quantity: '1' }] },
    effective: 'now',
  });
  await ask('cancelled', { kind: 'cancel', effective: 'now' });
  await ask('uncredited', { kind: 'cancel', credit: false, effective: 'now' });
  await at('2024-04-12T07:00:00.000Z');
  await ask('paused', { kind: 'resume', reason: 'customer', effective: 'now' });
  await ask('upgraded', { kind: 'change', variant: 'basic', effective: 'now' });
  await at('2024-07-01T06:00:00.000Z');
  await billCollectively();
  await collectBalance(pool, merchant, { clock, amounts: ['20.00', '10.00'], noticeDays: 0 });
  for (const amount of ['40.00', '50.00']) {
    await collectBalance(pool, merchant, { clock, amounts: [amount], noticeDays: 3 });
  }
  await recordMoney();
  const { id } = await row<{ id: string }>(pool, 'select min(id) as id from documents', []);
  await storedPdf({ pool, vault, render, log: { warn: () => undefined } }, merchant, id);
});
afterAll(() => database.close());

async function placeOrder(
  name: keyof typeof contracts,
  variant: string,
  components: { component: string; quantity: string }[],
): Promise<void> {
  const { contractId } = await order(pool, merchant, {
    external_id: name,
    customer: { party: { name }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock },
    variant,
    components,
    payment_method: { provider: 'sandbox', token: 'card' },
  });
  contracts[name] = contractId;
  await settleAndCharge(contractId);
}

async function ask(name: keyof typeof contracts, request: CommandRequest): Promise<void> {
  const { commandId } = await command(pool, merchant, contracts[name], request);
  const { answers } = await settle(pool, contracts[name], [commandId]);
  expect(answers[commandId]).toEqual({ commandId, state: 'applied' });
  await settleAndCharge(contracts[name]);
}

async function at(now: string): Promise<void> {
  await moveClock(pool, clock, now);
  for (const contractId of Object.values(contracts)) await settleAndCharge(contractId);
}

async function settleAndCharge(contractId: string): Promise<void> {
  const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
  const { charge } = createChargeActivities({ pool, providers: { sandbox } });
  const { standing } = await settle(pool, contractId);
  for (let next = standing.planned?.attemptId ?? null; next !== null;) next = await charge(contractId, next);
}

/** A collective account: a run by hand has billed the first contract, and the charge of the second one waits for the next run. */
async function billCollectively(): Promise<void> {
  const { id: issuer } = await row<{ id: string }>(pool, 'select id from issuers', []);
  const { customer, account } = await inTransaction(pool, async (tx) => {
    const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
    const made = await createCustomer(
      tx,
      vault,
      merchant,
      { party: { name: 'Collective' }, ...home },
      'customer',
    );
    const runs = { anchor: '2024-08-01', every: { unit: 'month', count: 1 } } as const;
    const of = {
      customer: made,
      issuer,
      currency: 'EUR',
      kind: 'collective',
      price_mode: 'net',
      runs,
    } as const;
    return { customer: made, account: await openAccount(tx, merchant, of) };
  });
  const billed = { customer, account, variant: 'pro', components: [] };
  await settle(pool, (await order(pool, merchant, billed)).contractId);
  await inTransaction(pool, (tx) => requestRun(tx, merchant, account));
  const deps = { pool, limit: 250, settle: (contractId: string) => settle(pool, contractId) };
  await runAccount(deps, { accountId: account, woken: '1970-01-01T00:00:00.000Z' });
  await settle(pool, (await order(pool, merchant, billed)).contractId);
}

/** Records a receipt without an invoice, and a chargeback. */
async function recordMoney(): Promise<void> {
  const { account_id } = await row<{ account_id: string }>(
    pool,
    'select account_id from contracts where id = $1',
    [contracts.free],
  );
  const receipt = { accountId: account_id, amountMinor: 5000n, currency: 'EUR', reference: 'transfer' };
  await inTransaction(pool, (tx) => recordReceipt(tx, merchant, receipt));
  const { provider_object } = await row<{ provider_object: string }>(
    pool,
    `select provider_object from attempts where contract_id = $1 and state = 'succeeded' order by id limit 1`,
    [contracts.free],
  );
  const event = {
    eventId: 'evt_1',
    merchantId: merchant,
    providerObject: provider_object,
    type: 'chargeback',
    at: '2024-07-01T06:00:00.000Z',
  } as const;
  expect(await recordProviderEvent(pool, 'sandbox', event)).toEqual({ changed: true });
}

const SEAL_AGAIN = `update document_seals set seal = sha256(convert_to(document_content(merchant_id, document_id, version), 'UTF8'))
  where document_content(merchant_id, document_id, version) is not null`;

/** Runs statements without triggers, which would refuse them, and returns the audit's findings. Then it rolls everything back. */
async function findingsAfter(
  statements: readonly string[],
  patience: Patience = AT_REST,
): Promise<Finding[]> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    // Balances are carried at some entries, by chance. They would be found wrong, too, when the entries are corrupted.
    await client.query('delete from carried_balances');
    for (const statement of statements) {
      const { rowCount } = await client.query(statement);
      if (!statement.startsWith('drop index')) expect(rowCount, statement).toBeGreaterThan(0);
    }
    const list: Finding[] = [];
    for await (const finding of findingsIn(client, patience)) list.push(finding);
    return list;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('clean books', () => {
  it('with lines, credits, payments and a chargeback have no findings', async () => {
    expect(await audit(pool, AT_REST)).toEqual([]);
    const [counted] = await rows(
      pool,
      `select (select count(*)::int from charges where kind = 'recurring') as lines,
         (select count(*)::int from charges where kind = 'credit') as credits,
         (select count(*)::int from documents where kind = 'credit_note') as credit_notes,
         (select count(*)::int from credits where reversed_minor > 0) as charged_back`,
    );
    // Counted by hand: 17 lines of the upgraded contract, 10, 2 and 2 of the next three, 6 of the free one, and of the contract
    // with everything six fees, 18 lines paid in advance and five in arrears; one of each of two contracts of the collective account.
    expect(counted).toEqual({ lines: 68, credits: 3, credit_notes: 2, charged_back: 1 });
  });
});

it('books from before lines stored their share of the tax have no findings', async () => {
  const before = [
    'update document_lines set tax_minor = null',
    'update document_seals set version = 1',
    SEAL_AGAIN,
  ];
  expect(await findingsAfter(before)).toEqual([]);
});

describe.each([
  ['corrupted lines and credits', WRONG_LINES],
  ['corrupted usage', WRONG_USAGE],
  ['corrupted documents', WRONG_DOCUMENTS],
  ['corrupted runs of collective accounts', WRONG_RUNS],
  ['corrupted collections of accounts', WRONG_COLLECTIONS],
  ['a corrupted ledger and corrupted payments', WRONG_PAYMENTS],
  ['work that is still open', STILL_OPEN],
])('the audit finds %s:', (_, corruptions) => {
  it.each(corruptions.map((each) => [each.name, each] as const))('%s', async (_name, corruption) => {
    const { statements, checks, message } = corruption;
    // Documents are sealed again, so that each check finds its own corruption, and not only the seal's check.
    const [first] = checks;
    const sealed = first === 'document_altered' ? statements : [...statements, SEAL_AGAIN];
    const findings = await findingsAfter(sealed);
    expect([...new Set(findings.map(({ check }) => check))].sort()).toEqual([...checks].sort());
    const ofFirst = findings.filter(({ check }) => check === first);
    expect(ofFirst.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
    expect(new Set(ofFirst.map(({ merchant_id }) => merchant_id))).toEqual(new Set([merchant]));
  });
});

it.each([
  ['2024-06-30T06:00:00.001Z', []],
  ['2024-06-30T06:00:00.000Z', ['attempt_without_outcome']],
])(
  'an attempt must be sent within a day by its customer’s clock: one of %s, at 2024-07-01T06:00',
  async (planned, named) => {
    const attempt = `(select id from attempts where state = 'succeeded' order by id limit 1)`;
    const findings = await findingsAfter(
      [
        `update attempts set state = 'planned', sent_at = null, effective_at = '${planned}' where id = ${attempt}`,
      ],
      PATIENCE,
    );
    const found = findings.map(({ check }) => check);
    expect(found.filter((check) => check === 'attempt_without_outcome')).toEqual(named);
  },
);
