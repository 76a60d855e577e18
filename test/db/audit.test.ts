import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChargeActivities } from '../../activities/charge.ts';
import type { CommandRequest } from '../../api/engine.ts';
import { AT_REST, type Finding, audit, findingsIn } from '../../db/audit.ts';
import type { MerchantId } from '../../db/ids.ts';
import { type Db, type Pool, inTransaction, row, rows } from '../../db/pool.ts';
import { bookProviderEvent } from '../../db/provider-events.ts';
import { bookReceipt } from '../../db/receipts.ts';
import { createSandbox } from '../../psp/sandbox/sandbox.ts';
import { createTestPool } from '../support/fixtures.ts';
import { command, createClock, createSampleMerchant, moveClock, order, settle } from '../support/merchant.ts';

// A book that was made by the code that makes all books: orders, changes in the middle of a month, credits, pauses,
// cancellations with and without credit, charges, a receipt, a chargeback. Then one thing in it is broken at a time.
let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let clock: string;
const contracts: Record<'upgraded' | 'paused' | 'cancelled' | 'left' | 'free', string> = {
  upgraded: '',
  paused: '',
  cancelled: '',
  left: '',
  free: '',
};

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
  await begin('upgraded', 'basic', [{ component: 'seat', quantity: '3' }]);
  await begin('paused', 'pro', [{ component: 'support', quantity: '1' }]);
  await begin('cancelled', 'pro', []);
  await begin('left', 'pro', []);
  await begin('free', 'free', [{ component: 'seat', quantity: '2' }]);
  await at('2024-02-20T10:00:00.000Z');
  await ask('upgraded', { kind: 'change', variant: 'pro', effective: 'now' });
  await ask('paused', { kind: 'pause', reason: 'customer', effective: 'now' });
  await at('2024-03-10T12:30:00.000Z');
  await ask('upgraded', {
    kind: 'change',
    components: { add: [{ component: 'support', quantity: '1' }] },
    effective: 'now',
  });
  await ask('cancelled', { kind: 'cancel', effective: 'now' });
  await ask('left', { kind: 'cancel', credit: false, effective: 'now' });
  await at('2024-04-12T07:00:00.000Z');
  await ask('paused', { kind: 'resume', reason: 'customer', effective: 'now' });
  await ask('upgraded', { kind: 'change', variant: 'basic', effective: 'now' });
  await at('2024-07-01T06:00:00.000Z');
  await bookMoney();
});
afterAll(() => database.close());

async function begin(
  name: keyof typeof contracts,
  variant: string,
  components: { component: string; quantity: string }[],
): Promise<void> {
  const { contractId } = await order(pool, merchant, {
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

/** A receipt that nobody asked for, and a chargeback. */
async function bookMoney(): Promise<void> {
  const { account_id } = await row<{ account_id: string }>(
    pool,
    'select account_id from contracts where id = $1',
    [contracts.free],
  );
  const receipt = { accountId: account_id, amountMinor: 5000n, currency: 'EUR', reference: 'transfer' };
  await inTransaction(pool, (tx) => bookReceipt(tx, merchant, receipt));
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
  expect(await bookProviderEvent(pool, 'sandbox', event)).toEqual({ changed: true });
}

const SEAL_ANEW = `update document_seals set seal = sha256(convert_to(document_content(merchant_id, document_id), 'UTF8'))
  where document_content(merchant_id, document_id) is not null`;

/**
 * What an audit finds after the statements, which the triggers would have refused; then all is as before. Documents
 * are sealed anew, so that every check has to find what it is there for by itself.
 */
const brokenBy = (...statements: string[]): Promise<Finding[]> => foundAfter(...statements, SEAL_ANEW);

async function foundAfter(...statements: string[]): Promise<Finding[]> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    for (const statement of statements) {
      const { rowCount } = await client.query(statement);
      expect(rowCount, statement).toBeGreaterThan(0);
    }
    return await found(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

async function found(db: Db): Promise<Finding[]> {
  const list: Finding[] = [];
  for await (const finding of findingsIn(db, AT_REST)) list.push(finding);
  return list;
}

/** The first charge of a contract for what `where` says. */
async function charge(where: string): Promise<string> {
  const { id } = await row<{ id: string }>(pool, `select id from charges where ${where} order by id limit 1`);
  return id;
}

async function names(...statements: string[]): Promise<string[]> {
  return [...new Set((await brokenBy(...statements)).map((each) => each.check))].sort();
}

describe('a clean book', () => {
  it('has lines, credits, payments and a chargeback, and gives no finding', async () => {
    expect(await audit(pool, AT_REST)).toEqual([]);
    const [counted] = await rows(
      pool,
      `select (select count(*)::int from charges where kind = 'recurring') as lines,
         (select count(*)::int from charges where kind = 'credit') as credits,
         (select count(*)::int from documents where kind = 'credit_note') as credit_notes,
         (select count(*)::int from credits where reversed_minor > 0) as charged_back`,
    );
    // Counted by hand: 17 of the upgraded contract, 10, 2 and 2 of the next ones, 6 of the free one.
    expect(counted).toEqual({ lines: 37, credits: 3, credit_notes: 2, charged_back: 1 });
  });
});

describe('the audit names', () => {
  it('an entry whose postings do not balance', async () => {
    const { entry_id } = await row<{ entry_id: string }>(
      pool,
      'select entry_id from postings order by 1 limit 1',
    );
    const found = await brokenBy(
      `update postings set amount_minor = amount_minor + 1 where entry_id = '${entry_id}' and ledger_account = 'receivable'`,
    );
    expect(found).toContainEqual({
      check: 'journal_unbalanced',
      merchant_id: merchant,
      id: entry_id,
      message: 'its postings in EUR add up to 1 and not to 0',
    });
    expect(found.map((each) => each.check)).toContain('balance_differs');
  });

  it('a balance that differs from what is open', async () => {
    expect(
      await names(
        `update receivables set open_minor = 1 where id = (select id from receivables where open_minor = 0 and amount_minor > 0 order by id limit 1)`,
      ),
    ).toEqual(['balance_differs', 'open_differs']);
  });

  it('a credit whose rest is not what was allocated of it', async () => {
    expect(await names(`update credits set left_minor = left_minor - 7 where left_minor > 7`)).toEqual([
      'balance_differs',
      'open_differs',
    ]);
  });

  it('allocations beyond a receivable, and across accounts', async () => {
    expect(
      await names(
        `update allocations set amount_minor = amount_minor * 2 where id = (select id from allocations where amount_minor > 0 order by id limit 1)`,
      ),
    ).toEqual(['allocation_exceeds', 'open_differs']);
    const other = `(select id from billing_accounts order by id desc limit 1)`;
    expect(
      await names(
        `update credits set account_id = ${other} where id = (select credit_id from allocations order by id limit 1)`,
      ),
    ).toContain('allocation_crosses_accounts');
  });

  it('a gap in a series, at its beginning, in the middle and at its end', async () => {
    const series = `(select max(counter) from documents where kind = 'invoice')`;
    expect(await names(`delete from documents where kind = 'invoice' and counter = 3`)).toContain(
      'series_gap',
    );
    expect(await names(`delete from documents where kind = 'invoice' and counter = 1`)).toContain(
      'series_gap',
    );
    expect(await names(`delete from documents where kind = 'invoice' and counter = ${series}`)).toContain(
      'series_gap',
    );
    expect(await names(`update series_counters set last_counter = last_counter + 1`)).toEqual(['series_gap']);
    expect(await names(`delete from series_counters`)).toEqual(['series_gap']);
  });

  it('a number that was given twice', async () => {
    const found = await brokenBy(
      `update documents set number = 'R-2024-0001' where kind = 'invoice' and counter in (1, 2)`,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      check: 'series_double',
      merchant_id: merchant,
      message: '2 documents have the number R-2024-0001',
    });
  });

  it('a day that is covered twice', async () => {
    const line = await charge(`contract_id = '${contracts.free}' and kind = 'recurring'`);
    const found = await brokenBy(
      `update charges set ends_at = '2024-02-29T23:00:00.000Z' where id = '${line}'`,
    );
    expect(found).toContainEqual({
      check: 'day_covered_twice',
      merchant_id: merchant,
      id: contracts.free,
      message: expect.stringMatching(/^csu_\w+: 2024-02-29 to before 2024-03-01$/) as string,
    });
    // The line says that it is of fewer days than it covers.
    expect(new Set(found.map((each) => each.check))).toEqual(
      new Set(['day_covered_twice', 'derivation_differs']),
    );
  });

  it('a day that was credited and is still covered by nothing', async () => {
    const line = await charge(
      `contract_id = '${contracts.paused}' and kind = 'recurring' and starts_at >= '2024-04-20'`,
    );
    const found = await brokenBy(
      `update charges set starts_at = starts_at + interval '2 days' where id = '${line}'`,
    );
    expect(found.map((each) => [each.check, each.id])).toContainEqual(['day_not_covered', contracts.paused]);
  });

  it('a period that was never billed', async () => {
    const line = await charge(
      `contract_id = '${contracts.upgraded}' and kind = 'recurring' and starts_at >= '2024-05-01'`,
    );
    expect(
      await names(
        `delete from document_lines where charge_id = '${line}'`,
        `delete from charges where id = '${line}'`,
      ),
    ).toEqual(['day_not_covered', 'document_totals']);
  });

  it('days that were credited twice, or beyond their line', async () => {
    const credit = await charge(`kind = 'credit'`);
    expect(
      await names(`update charges set starts_at = starts_at - interval '60 days' where id = '${credit}'`),
    ).toContain('day_credited_twice');
    expect(
      await names(
        `insert into charges select (jsonb_populate_record(c, '{"id": "chg_again"}')).* from charges c where id = '${credit}'`,
      ),
    ).toEqual(expect.arrayContaining(['charge_without_document', 'credit_exceeds', 'day_credited_twice']));
  });

  it('a line, and a credit, whose derivation does not give its amount', async () => {
    const line = await charge(`kind = 'recurring' and days < full_days`);
    const [found] = await brokenBy(
      `update charges set amount_minor = amount_minor + 1 where id = '${line}'`,
    ).then((all) => all.filter((each) => each.check === 'derivation_differs'));
    expect(found).toMatchObject({
      id: line,
      message: expect.stringMatching(/^stored are \d+, the derivation gives \d+$/) as string,
    });
    const credit = await charge(`kind = 'credit'`);
    expect(
      await names(`update charges set amount_minor = amount_minor - 1 where id = '${credit}'`),
    ).toContain('derivation_differs');
    const model = `update charges set derivation = jsonb_set(derivation, '{model,price}', '"28.00"') where id = '${line}'`;
    expect(await names(model)).toEqual(['derivation_differs']);
    expect(
      await names(
        `update charges set derivation = derivation || '{"fraction": {"days": 9, "of": 3}}' where id = '${line}'`,
      ),
    ).toEqual(['derivation_differs']);
  });

  it('a document that does not add up', async () => {
    const { id } = await row<{ id: string }>(
      pool,
      `select id from documents where kind = 'invoice' order by id limit 1`,
    );
    expect(
      await names(`update document_taxes set tax_minor = tax_minor + 1 where document_id = '${id}'`),
    ).toEqual(['document_totals']);
    expect(
      await names(`update document_lines set net_minor = net_minor - 1 where document_id = '${id}'`),
    ).toEqual(['document_totals']);
    expect(
      await names(
        `update documents set net_minor = net_minor + 1, gross_minor = gross_minor + 1 where id = '${id}'`,
      ),
    ).toEqual(['document_totals', 'document_unsettled', 'document_without_postings']);
  });

  it('a document that was altered after it was final, whatever was altered', async () => {
    const { id } = await row<{ id: string }>(
      pool,
      `select id from documents where kind = 'invoice' order by id limit 1`,
    );
    const line = `(select charge_id from document_lines where document_id = '${id}' and position = 1)`;
    for (const edit of [
      `update documents set title = 'Consulting' where id = '${id}'`,
      `update documents set due_date = due_date + 30 where id = '${id}'`,
      `update charges set text = 'Consulting' where id = ${line}`,
      `update document_taxes set text = 'exempt' where document_id = '${id}'`,
    ]) {
      expect(await foundAfter(edit)).toEqual([
        {
          check: 'document_altered',
          merchant_id: merchant,
          id,
          message: 'it is not what it was when it became final',
        },
      ]);
    }
    const unsealed = await foundAfter(`delete from document_seals where document_id = '${id}'`);
    expect(unsealed.map((each) => [each.check, each.message])).toEqual([
      ['document_altered', 'it has no seal'],
    ]);
  });

  it('a document without postings, and a charge on no document', async () => {
    const { id } = await row<{ id: string }>(
      pool,
      `select id from documents where kind = 'invoice' order by id limit 1`,
    );
    expect(
      await names(
        `delete from postings where entry_id = (select id from journal_entries where fact = 'document:${id}')`,
      ),
    ).toEqual(['balance_differs', 'document_without_postings']);
    expect(await names(`delete from document_lines where document_id = '${id}'`)).toEqual([
      'charge_without_document',
      'document_totals',
    ]);
    expect(await names(`update receivables set document_id = null where document_id = '${id}'`)).toEqual([
      'document_unsettled',
    ]);
  });

  it('an attempt without an outcome, and money that no attempt or entry knows', async () => {
    const { id } = await row<{ id: string }>(
      pool,
      `select id from attempts where state = 'succeeded' order by id limit 1`,
    );
    const unknown = await brokenBy(`update attempts set state = 'unknown' where id = '${id}'`);
    expect(unknown.map((each) => each.check).sort()).toEqual([
      'attempt_orphaned',
      'attempt_without_outcome',
      'payment_without_attempt',
    ]);
    expect(unknown.find((each) => each.check === 'attempt_without_outcome')).toMatchObject({
      id,
      message: 'still unknown, since 2024-01-31T09:00:00.000Z',
    });
    expect(await names(`delete from payments where attempt_id = '${id}'`)).toEqual([
      'attempt_without_payment',
      'entry_without_fact',
    ]);
    expect(
      await names(
        `update journal_entries set fact = 'lost' where fact = (select 'payment:' || id from payments where attempt_id = '${id}')`,
      ),
    ).toEqual(['payment_without_postings']);
  });

  it('an open incident and a command that nobody decided', async () => {
    const found = await brokenBy(
      `insert into incidents (merchant_id, id, workflow_id, step, error) values ('${merchant}', 'inc_1', 'contract/x', 'settle', E'Error: no rate\\nat line 1')`,
      `update commands set state = 'pending', answer = null where contract_id = '${contracts.left}' and kind = 'cancel'`,
    );
    expect(found.map((each) => each.check)).toEqual(['incident_open', 'command_undecided']);
    expect(found[0]?.message).toMatch(/^contract\/x stands still since .* at settle: Error: no rate$/);
  });
});
