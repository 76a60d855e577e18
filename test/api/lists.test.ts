// Lists as people use them: newest first, with filters and an order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCustomers } from '../../db/parties/list-customers.ts';
import { indexCustomers, renewSearchKey } from '../../db/parties/search-words.ts';
import { createVault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant, moveClock, settle, vault } from '../support/merchant.ts';
import { row, rows } from '../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
/** A customer who pays, one who does not, and the contract of the first. */
let [payer, debtor, contract] = ['', '', ''];

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = await createSampleMerchant(database.pool);
  caller = await api.caller(merchant);
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-01T09:00:00Z' })).body.id;
  const customer = async (party: object): Promise<string> =>
    (
      await caller.post('/v1/customers', {
        party,
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
        clock,
      })
    ).body.id;
  payer = await customer({ name: 'Nordlicht Software GmbH', email: 'rechnung@nordlicht.example' });
  debtor = await customer({ name: 'Gebrüder Müller & Söhne', email: 'mueller@soehne.example' });
  const contracts: string[] = [];
  for (const [owner, variant, term] of [
    [payer, 'pro', 0],
    [debtor, 'pro', 14],
  ] as const) {
    const order = await caller.post('/v1/orders', { customer: owner, variant, payment_term_days: term });
    contracts.push(order.body.contract);
    await settle(database.pool, order.body.contract);
  }
  contract = contracts[0] ?? '';
  await moveClock(database.pool, clock, '2024-02-01T09:00:00.000Z');
  for (const each of contracts) await settle(database.pool, each);
  const { account } = (await caller.get(`/v1/contracts/${contract}`)).body;
  await caller.post(`/v1/billing-accounts/${account}/receipts`, {
    amount: '117.81',
    reference: 'Überweisung 1',
  });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const documents = async (query: string): Promise<string[]> => {
  const { status, body } = await caller.get(`/v1/invoices?${query}`);
  expect([status, body.next_cursor]).toEqual([200, null]);
  return body.data.map(
    (each: Record<string, string>) =>
      `${each['customer'] === payer ? 'payer' : 'debtor'} ${each['issue_date']} due ${each['due_date']} ${each['gross']} ${each['state']}`,
  );
};
const JANUARY = [
  'payer 2024-01-01 due 2024-01-01 117.81 paid',
  'debtor 2024-01-01 due 2024-01-15 117.81 open',
] as const;
const FEBRUARY = [
  'payer 2024-02-01 due 2024-02-01 117.81 open',
  'debtor 2024-02-01 due 2024-02-15 117.81 open',
] as const;

describe('a list of documents', () => {
  it('has the newest first, or the oldest first', async () => {
    const newest = await documents('');
    expect(newest.map((each) => each.split(' ')[1])).toEqual([
      '2024-02-01',
      '2024-02-01',
      '2024-01-01',
      '2024-01-01',
    ]);
    expect(await documents('sort=at')).toEqual(newest.toReversed());
  });

  it.each([
    ['a customer', () => `customer=${payer}`, [FEBRUARY[0], JANUARY[0]]],
    ['a contract', () => `contract=${contract}`, [FEBRUARY[0], JANUARY[0]]],
    ['paid invoices', () => 'state=paid', [JANUARY[0]]],
    ['used credit notes', () => 'state=used', []],
    ['open invoices of a customer', () => `state=open&customer=${debtor}`, [FEBRUARY[1], JANUARY[1]]],
    [
      'days of issue, without the last',
      () => `issued_from=2024-01-01&issued_before=2024-02-01&customer=${payer}`,
      [JANUARY[0]],
    ],
    [
      'overdue invoices, the latest due date first',
      () => 'state=open&due_before=2024-02-02',
      [FEBRUARY[0], JANUARY[1]],
    ],
    [
      'overdue invoices, the earliest due date first',
      () => 'state=open&due_before=2024-02-02&sort=due_date',
      [JANUARY[1], FEBRUARY[0]],
    ],
    ['an amount', () => `amount=117.81&currency=EUR&customer=${payer}`, [FEBRUARY[0], JANUARY[0]]],
    ['amounts that no document has', () => 'amount_min=117.82&currency=EUR', []],
    ['another currency', () => 'currency=CHF', []],
  ])('is filtered by %s', async (_, query, expected) => {
    expect(await documents(query())).toEqual(expected);
  });

  it('is read page by page, also in another order', async () => {
    for (const query of ['sort=-at', 'sort=due_date', 'sort=-amount&currency=EUR', 'state=open']) {
      const whole = (await caller.get(`/v1/invoices?${query}`)).body.data.map(({ id }: { id: string }) => id);
      const found: string[] = [];
      let cursor = '';
      for (;;) {
        const { body } = await caller.get(`/v1/invoices?${query}&limit=1${cursor}`);
        found.push(...body.data.map(({ id }: { id: string }) => id));
        if (body.next_cursor === null) break;
        cursor = `&cursor=${body.next_cursor}`;
      }
      expect(found).toEqual(whole);
    }
  });

  it.each([
    ['issued_from=yesterday', 'issued_from', 422],
    ['due_before=2024-02-30', 'due_before', 422],
    ['state=settled', 'state', 400],
    ['currency=XXL', 'currency', 422],
    ['amount=1.00', 'currency', 400],
    ['sort=-amount', 'currency', 400],
    ['sort=name', 'sort', 400],
    ['amount=1.001&currency=EUR', 'amount', 422],
    ['amount=1.00&amount_min=1.00&currency=EUR', 'amount', 400],
    ['issued_from=2024-02-02&issued_before=2024-02-01', 'issued_before', 400],
    ['due_from=2024-02-02&due_before=2024-02-01', 'due_before', 400],
    ['amount_min=2.00&amount_max=1.99&currency=EUR', 'amount_max', 400],
    ['customer=nobody', 'customer', 422],
  ])('refuses %s and names %s', async (query, field, status) => {
    const answer = await caller.get(`/v1/invoices?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  it.each([
    ['contracts', 'created_from', 'created_before'],
    ['customers', 'created_from', 'created_before'],
    ['payments', 'from', 'before'],
    ['incidents', 'opened_from', 'opened_before'],
    ['events', 'recorded_from', 'recorded_before'],
    ['mails', 'created_from', 'created_before'],
  ])('refuses an inverted range of %s', async (list, from, before) => {
    const query = `${from}=2024-02-01T10:00:00Z&${before}=2024-02-01T10:00:00%2B01:00`;
    const answer = await caller.get(`/v1/${list}?${query}`);
    expect([answer.status, answer.body.errors[0].field]).toEqual([400, before]);
  });

  it('refuses the cursor of another order', async () => {
    const { next_cursor } = (await caller.get('/v1/invoices?limit=1')).body;
    const answer = await caller.get(`/v1/invoices?sort=due_date&cursor=${next_cursor}`);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'cursor' }] });
  });
});

describe('other lists', () => {
  const found = async (path: string): Promise<Record<string, string>[]> => (await caller.get(path)).body.data;

  it('have the payments of a contract: those that paid its invoices', async () => {
    const other = (await found(`/v1/contracts?customer=${debtor}`))[0]?.['id'];
    expect(await found(`/v1/payments?contract=${contract}`)).toMatchObject([{ reference: 'Überweisung 1' }]);
    expect(await found(`/v1/payments?contract=${contract}&currency=CHF`)).toEqual([]);
    expect(await found(`/v1/payments?contract=${other}`)).toEqual([]);
    expect(await found(`/v1/payments?contract=${contract}&customer=${debtor}`)).toEqual([]);
  });

  it('have the contracts in a currency', async () => {
    expect(await found('/v1/contracts?currency=EUR')).toHaveLength(2);
    expect(await found('/v1/contracts?currency=CHF')).toEqual([]);
    expect((await caller.get('/v1/contracts?currency=XXL')).body.code).toBe('unknown_currency');
  });

  it('have the events of several types, and of a span', async () => {
    const types = async (query: string): Promise<string[]> =>
      (await found(`/v1/events?customer=${payer}&${query}`)).map((each) => each['type'] ?? '');
    expect(await types('type=customer.created&type=payment.received')).toEqual([
      'payment.received',
      'customer.created',
    ]);
    expect(await types('type=payment.received')).toEqual(['payment.received']);
    expect(await types('recorded_before=2024-01-01T00:00:00Z')).toEqual([]);
    const [event] = await found('/v1/events?limit=1');
    expect(await found(`/v1/events?recorded_from=${event?.['recorded_at']}`)).toEqual([event]);
    const wrong = await caller.get('/v1/events?type=invoice.paid&type=invoice.lost');
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'type']);
  });
});

describe('a search for documents', () => {
  const found = async (search: string): Promise<string[]> =>
    (await documents(`search=${encodeURIComponent(search)}`)).map((each) =>
      each.split(' ').slice(0, 2).join(' '),
    );

  it.each([
    ['a word of the name', 'nordlicht', ['payer 2024-02-01', 'payer 2024-01-01']],
    [
      'several words in another order, without case and accents',
      'sohne MULLER',
      ['debtor 2024-02-01', 'debtor 2024-01-01'],
    ],
    ['a mail address', 'Rechnung@Nordlicht.example', ['payer 2024-02-01', 'payer 2024-01-01']],
    ['a part of a word', 'nord', []],
    ['words of two customers', 'nordlicht müller', []],
    ['a part of a mail address', 'nordlicht.example', []],
  ])('finds those of %s', async (_, search, expected) => {
    expect(await found(search)).toEqual(expected);
  });

  it('finds a document by its number, by the digits of its number, and by its amount', async () => {
    const [newest] = (await caller.get(`/v1/invoices?customer=${payer}`)).body.data;
    const digits = newest.number.replace(/\D/g, '');
    for (const search of [newest.number, digits, `${digits.slice(0, 4)} ${digits.slice(4)}`]) {
      expect(await found(search)).toEqual(['payer 2024-02-01']);
    }
    for (const search of ['117.81', '117,81', '-117.81']) expect(await found(search)).toHaveLength(4);
    expect(await found('117.82')).toEqual([]);
  });

  it('goes with other filters', async () => {
    expect(await documents('search=nordlicht&state=paid')).toEqual([JANUARY[0]]);
  });

  it('reads on page by page', async () => {
    const first = (await caller.get('/v1/invoices?search=117.81&limit=3')).body;
    const rest = (await caller.get(`/v1/invoices?search=117.81&limit=3&cursor=${first.next_cursor}`)).body;
    expect([first.data.length, rest.data.length, rest.next_cursor]).toEqual([3, 1, null]);
  });

  it('that is too wide is refused', async () => {
    for (let n = 0; n < 101; n += 1) {
      const party = { name: `Filiale ${n}` };
      const { body } = await caller.post('/v1/customers', { party, country: 'DE', time_zone: 'UTC' });
      const { body: issuers } = await caller.get('/v1/issuers');
      await caller.post('/v1/billing-accounts', {
        customer: body.id,
        issuer: issuers.data[0].id,
        currency: 'EUR',
      });
    }
    const answer = await caller.get('/v1/invoices?search=filiale');
    expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([
      422,
      'search_too_wide',
      'search',
    ]);
    expect((await caller.get('/v1/invoices?search=filiale%2077')).body.data).toEqual([]);
  });
});

describe('a search for customers', () => {
  const found = async (search: string): Promise<string[]> =>
    (await caller.get(`/v1/customers?search=${encodeURIComponent(search)}`)).body.data.map(
      (each: { party: { name: string } | null }) => each.party?.name ?? 'erased',
    );
  const create = async (party: object): Promise<string> =>
    (await caller.post('/v1/customers', { party, country: 'DE', time_zone: 'UTC' })).body.id;

  it('finds whole words and whole mail addresses', async () => {
    const [name] = ['Gebrüder Müller & Söhne'];
    expect(await found('Söhne')).toEqual([name]);
    expect(await found('mueller@SOEHNE.example')).toEqual([name]);
    expect(await found('müll')).toEqual([]);
  });

  it('finds a customer by the new and by the former name', async () => {
    const id = await create({ name: 'Sonnenblume AG' });
    await caller.patch(`/v1/customers/${id}`, { party: { name: 'Ringelblume AG' } });
    expect([await found('ringelblume'), await found('sonnenblume')]).toEqual([
      ['Ringelblume AG'],
      ['Ringelblume AG'],
    ]);
  });

  it('does not find a customer whose data was erased, or who belongs to another merchant', async () => {
    const id = await create({ name: 'Vergissmeinnicht' });
    const other = await createSampleMerchant(database.pool);
    const stranger = await api.caller(other);
    expect((await stranger.get('/v1/customers?search=vergissmeinnicht')).body.data).toEqual([]);
    expect(await found('vergissmeinnicht')).toEqual(['Vergissmeinnicht']);
    const { subject_id } = await row<{ subject_id: string }>(
      database.pool,
      'select subject_id from customers where id = $1',
      [id],
    );
    await vault.erase(database.pool, merchant, subject_id);
    expect(await found('vergissmeinnicht')).toEqual([]);
    const left = await rows(database.pool, 'select from vault_words where subject_id = $1', [subject_id]);
    expect(left).toEqual([]);
  });

  it('finds customers from before the search once they are indexed', async () => {
    await create({ name: 'Altbestand OHG' });
    const before = await rows(
      database.pool,
      'select encode(hash, $1) as hash, subject_id from vault_words order by 1, 2',
      ['hex'],
    );
    await rows(database.pool, 'delete from vault_words');
    expect(await found('altbestand')).toEqual([]);
    expect(await indexCustomers(database.pool, vault)).toBeGreaterThan(100);
    expect(await found('altbestand')).toEqual(['Altbestand OHG']);
    expect(await indexCustomers(database.pool, vault)).toBe(0);
    expect(before.length).toBeGreaterThan(200);
  });

  it('is still possible after the master key has changed', async () => {
    const [OLD, NEW] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];
    await renewSearchKey(database.pool, [NEW, OLD]);
    const hashes = await createVault([NEW]).searched(database.pool, merchant, 'Nordlicht');
    const { data } = await listCustomers(database.pool, merchant, { words: hashes }, { limit: 5 });
    expect(data.map(({ id }) => id)).toEqual([payer]);
    await renewSearchKey(database.pool, [OLD, NEW]);
  });

  it('keeps no name in the database', async () => {
    const { stored } = await row<{ stored: string }>(
      database.pool,
      `select string_agg(w::text, ' ') as stored from vault_words w`,
    );
    expect(stored.toLowerCase()).not.toMatch(/nordlicht|muller|example/);
  });

  it.each(['search=%26', 'search=a+b+c+d+e+f+g+h+i'])('refuses %s', async (query) => {
    const answer = await caller.get(`/v1/customers?${query}`);
    expect([answer.status, answer.body.errors[0].field]).toEqual([400, 'search']);
  });
});
