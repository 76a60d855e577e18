// Lists as CSV.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvLine } from '../../api/csv.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant, settle, vault } from '../support/merchant.ts';
import { rows } from '../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
let [contract, account] = ['', ''];

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = await createSampleMerchant(database.pool);
  caller = await api.caller(merchant);
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-01T09:00:00Z' })).body.id;
  const customer = {
    party: { name: '=HYPERLINK("http://x")', email: 'ada@nordlicht.example' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    clock,
  };
  contract = (await caller.post('/v1/orders', { customer, variant: 'pro' })).body.contract;
  await settle(database.pool, contract);
  account = (await caller.get(`/v1/contracts/${contract}`)).body.account;
  await caller.post(`/v1/billing-accounts/${account}/receipts`, {
    amount: '17.81',
    reference: '=SUM(A1:A9)',
  });
  await caller.post(`/v1/billing-accounts/${account}/receipts`, {
    amount: '100.00',
    reference: 'Müller, "1"',
  });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

/** The lines of a CSV, without the ids, which are different in each run. */
const lines = async (path: string): Promise<string[]> => {
  const { status, body } = await caller.get(path);
  expect([status, body.endsWith('\r\n')]).toEqual([200, true]);
  return body.split('\r\n').slice(0, -1);
};

describe('a line of CSV', () => {
  it.each([
    [['a', null, undefined, 7, true], 'a,,,7,true\r\n'],
    [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"\r\n'],
    [['=1+1', '+49 30 1', '-x', '@you', '\ttab', '\rcr'], `'=1+1,'+49 30 1,'-x,'@you,'\ttab,"'\rcr"\r\n`],
    [['-14.97', '117.81', '-5'], '-14.97,117.81,-5\r\n'],
  ])('is safe in a spreadsheet, and leaves amounts plain numbers: %j', (values, expected) => {
    expect(csvLine(values)).toBe(expected);
  });
});

describe('a list as CSV', () => {
  it('has a line for each invoice, with plain amounts', async () => {
    const [head, line, ...rest] = await lines('/v1/invoices.csv');
    expect(head).toBe(
      'number,kind,title,issue_date,due_date,service_from,service_to,currency,net,tax,gross,open,state,paid_at,customer,account,contract,issuer,id,at',
    );
    expect(line).toMatch(
      /^[^,]+,invoice,[^,]+,2024-01-01,2024-01-01,2024-01-01,2024-02-01,EUR,99\.00,18\.81,117\.81,0\.00,paid,2024-01-01T/,
    );
    expect(rest).toEqual([]);
  });

  it('has the filters and the order of the list', async () => {
    expect(await lines('/v1/invoices.csv?state=open')).toHaveLength(1);
    const amounts = (await lines('/v1/payments.csv?sort=amount&currency=EUR')).map(
      (each) => each.match(/EUR,([^,]+)/)?.[1],
    );
    expect(amounts).toEqual([undefined, '17.81', '100.00']);
  });

  it('has no formula, and quotes commas and quotation marks', async () => {
    const text = (await caller.get('/v1/payments.csv')).body as string;
    expect(text).toContain(`,'=SUM(A1:A9),`);
    expect(text).toContain(',"Müller, ""1""",');
    expect((await caller.get('/v1/customers.csv')).body).toContain(`,"'=HYPERLINK(""http://x"")",`);
  });

  it.each(['/v1/contracts.csv', '/v1/customers.csv', '/v1/incidents.csv'])(
    'is answered at %s',
    async (path) => {
      const { data } = (await caller.get(path.replace('.csv', ''))).body;
      expect(await lines(path)).toHaveLength(1 + data.length);
    },
  );

  it('has the entries of an account with the balance after each', async () => {
    const found = await lines(`/v1/billing-accounts/${account}/entries.csv?sort=at`);
    expect(found.map((each) => each.split(',').at(-4))).toEqual(['balance', '-117.81', '-100.00', '0.00']);
  });

  it('has the events in the order of the list, each with its data', async () => {
    const found = await lines('/v1/events.csv?type=invoice.finalised&type=payment.received&order=oldest');
    expect(found[0]).toBe('type,object,sequence,customer,account,contract,occurred_at,recorded_at,data,id');
    expect(found.slice(1).map((each) => each.split(',')[0])).toEqual([
      'invoice.finalised',
      'payment.received',
      'payment.received',
    ]);
    expect(found[1]).toContain('""gross"":""117.81""');
  });

  it('has the mails, without addresses', async () => {
    await rows(
      database.pool,
      `insert into mails (merchant_id, id, purpose, customer_id, account_id, object_id, reason, state, done_at)
       values ($1, 'mai_1', 'receipt', 'cus_1', $2, 'pmt_1', 'switched_off', 'skipped', now())`,
      [merchant, account],
    );
    const [head, line, ...rest] = await lines('/v1/mails.csv?state=skipped');
    expect(head).toBe(
      'purpose,state,reason,customer,document,event,resend_of,tries,last_error,created_at,sent_at,bounced_at,id',
    );
    expect(line).toMatch(/^receipt,skipped,switched_off,cus_1,,,,0,,[^,]+,,,mai_1$/);
    expect(rest).toEqual([]);
  });

  it('is a file of its own type, and answers HEAD', async () => {
    const { headers } = await caller.get('/v1/invoices.csv');
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      'text/csv; charset=utf-8',
      'attachment; filename="invoices.csv"',
    ]);
    const { key } = await createApiKey(database.pool, merchant, 'head', ['read']);
    const head = await fetch(`${api.url}/v1/invoices.csv`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${key}` },
    });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is refused as a problem, as the list is', async () => {
    for (const query of ['state=settled', 'limit=5', 'amount=1.00']) {
      const answer = await caller.get(`/v1/invoices.csv?${query}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        400,
        'application/problem+json; charset=utf-8',
      ]);
    }
  });

  it('has all of many rows, and a caller who leaves early disturbs nobody', async () => {
    await rows(
      database.pool,
      `insert into payments (merchant_id, id, account_id, provider, reference, currency, amount_minor, effective_at)
       select $1, 'pmt_' || lpad(n::text, 6, '0'), $2, 'hand', 'many ' || n, 'EUR', n, timestamptz '2020-01-01T00:00:00Z' + n * interval '1 second'
       from generate_series(1, 1700) n`,
      [merchant, account],
    );
    const found = (await lines('/v1/payments.csv?sort=at&before=2021-01-01T00:00:00Z')).slice(1);
    expect(found.map((each) => each.split(',')[2])).toEqual(
      Array.from({ length: 1_700 }, (_, n) => `many ${n + 1}`),
    );
    const leaving = new AbortController();
    const { key } = await createApiKey(database.pool, merchant, 'leaving', ['read']);
    const response = await fetch(`${api.url}/v1/payments.csv`, {
      headers: { authorization: `Bearer ${key}` },
      signal: leaving.signal,
    });
    expect(response.status).toBe(200);
    leaving.abort();
    expect((await lines('/v1/invoices.csv')).length).toBe(2);
  });
});
