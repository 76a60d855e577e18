import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { settle } from '../support/merchant.ts';
import { type World, createWorld } from '../support/world.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
let world: World;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  world = await createWorld(database.pool, caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const home = { country: 'DE', time_zone: 'Europe/Berlin' };

describe('a customer', () => {
  it('is found by its external id, has versions, and stays unchanged on earlier invoices (rules 48, 49)', async () => {
    const party = { name: 'Muster GmbH', contact: 'Erika Musterfrau', email: 'erika@muster.example' };
    const created = await caller.post('/v1/customers', { external_id: 'muster', party, ...home });
    expect(created.body).toMatchObject({ external_id: 'muster', version: 1, language: 'en', party });
    const found = await caller.get('/v1/customers?external_id=muster');
    expect(found.body.data.map((each: { id: string }) => each.id)).toEqual([created.body.id]);
    const revised = await caller.patch(`/v1/customers/${created.body.id}`, {
      party: { name: 'Muster AG' },
      language: 'de',
      external_id: null,
    });
    expect(revised.body).toMatchObject({
      version: 2,
      party: { name: 'Muster AG' },
      language: 'de',
      external_id: null,
    });
    const before = (await caller.get(`/v1/invoices/${world.invoice}`)).body.to;
    await caller.patch(`/v1/customers/${world.customer}`, { party: { name: 'Renamed' } });
    expect((await caller.get(`/v1/invoices/${world.invoice}`)).body.to).toEqual(before);
  });

  it('has its personal data only in the vault', async () => {
    const party = { name: 'Geheim GmbH', email: 'geheim@geheim.example' };
    const created = await caller.post('/v1/customers', { party, ...home }, { 'idempotency-key': 'vault' });
    const again = await caller.post('/v1/customers', { party, ...home }, { 'idempotency-key': 'vault' });
    expect(created.body.party).toEqual(party);
    expect(again.body).toEqual(created.body);
    const tables = await rows<{ table_name: string }>(
      database.pool,
      `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { table_name } of tables) {
      const leaks = await rows(
        database.pool,
        `select 1 from ${table_name} x where x::text like '%eheim%' limit 1`,
      );
      expect({ table_name, leaks }).toEqual({ table_name, leaks: [] });
    }
  });

  it('that was erased can still be read, without its personal data, and cannot be changed', async () => {
    const created = await caller.post('/v1/customers', { party: { name: 'X' }, ...home });
    const [row] = await rows<{ subject_id: string }>(
      database.pool,
      'select subject_id from customers where id = $1',
      [created.body.id],
    );
    await vault.erase(database.pool, merchant, row?.subject_id ?? '');
    expect((await caller.get(`/v1/customers/${created.body.id}`)).body.party).toBeNull();
    const revised = await caller.patch(`/v1/customers/${created.body.id}`, { party: { name: 'Y' } });
    expect([revised.status, revised.body.code]).toEqual([409, 'erased']);
  });
});

/** Muster GmbH of the samples, with an IBAN and a VAT id whose check digits are correct. */
const MUSTER = {
  party: {
    name: 'Untermandant Muster GmbH',
    department: 'Personalabteilung',
    contact: 'Erika Musterfrau',
    address: { line1: 'Musterstraße 42', postal_code: '12345', city: 'Musterstadt' },
    email: 'erika.musterfrau@muster.de',
    vat_id: 'DE136695976',
    tax_number: '123456789',
    iban: 'DE89370400440532013000',
    bic: 'PBNKDEFF',
    bank_name: 'Bank AG',
    reference: 'VUDH736DBH',
  },
  ...home,
  language: 'de',
  payment_term_days: 60,
  invoice_title: 'Rechnung {plan} {MMM} {YYYY}',
};

describe('Muster GmbH', () => {
  it.each([
    ['iban', 'DE18 3601 0043 9999 9999 99', 'invalid_iban', 'not an IBAN: wrong_check_digits'],
    ['vat_id', 'DE123456789', 'invalid_vat_id', 'not a VAT id: wrong_check_digits'],
    ['bic', 'PBNKDEF', 'invalid_bic', 'not a BIC'],
    ['tax_number', 'keine', 'invalid_tax_number', 'not a tax number'],
  ])('is refused with the %s %s, and the error names the reason', async (field, value, code, message) => {
    const { status, body } = await caller.post('/v1/customers', {
      ...MUSTER,
      party: { ...MUSTER.party, [field]: value },
    });
    expect([status, body.code]).toEqual([422, code]);
    expect(body.errors).toEqual([{ field: `party.${field}`, message, code }]);
  });

  it('is refused with an unknown title pattern or an invalid payment term, and the error names the field', async () => {
    const title = await caller.post('/v1/customers', { ...MUSTER, invoice_title: 'Rechnung {customer}' });
    expect([title.status, title.body.code, title.body.errors[0].field]).toEqual([
      422,
      'invalid_title_pattern',
      'invoice_title',
    ]);
    for (const days of [-1, 1.5, 366]) {
      const term = await caller.post('/v1/customers', { ...MUSTER, payment_term_days: days });
      expect([term.status, term.body.errors[0].field]).toEqual([400, 'payment_term_days']);
    }
  });

  it('gets invoices with its title, payment term and language, and with its name at that time (rule 49)', async () => {
    const party = { ...MUSTER.party, iban: 'DE89 3704 0044 0532 0130 00' };
    const customer = await caller.post('/v1/customers', { ...MUSTER, party, clock: world.clock });
    expect(customer.body).toMatchObject(MUSTER);
    const order = await caller.post('/v1/orders', { customer: customer.body.id, variant: world.variant });
    const { contract } = order.body;
    await settle(database.pool, contract);
    const [invoice] = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
    expect(invoice).toMatchObject({
      title: 'Rechnung P Jan. 2024',
      issue_date: '2024-01-31',
      due_date: '2024-03-31',
      gross: '117.81',
    });
    const [entry] = (await caller.get(`/v1/billing-accounts/${invoice.account}/entries?sort=at`)).body.data;
    expect([entry.text, entry.reference]).toEqual(['Rechnung P Jan. 2024', invoice.number]);

    const page = (await caller.get(`/v1/invoices/${invoice.id}/print`)).body as string;
    expect(page.split('\n').map((row) => row.replace(/ +/g, ' '))).toEqual(
      expect.arrayContaining([
        `Untermandant Muster GmbH Rechnung Nr. ${invoice.number}`,
        'Personalabteilung Datum 31.01.2024',
        'Erika Musterfrau Fällig am 31.03.2024',
        'Rechnung P Jan. 2024',
      ]),
    );
    const { lines } = (await caller.get(`/v1/invoices/${invoice.id}/explain`)).body;
    expect(lines[0].explanation).toContain('weil der Zeitraum begann');
    await caller.patch(`/v1/customers/${customer.body.id}`, {
      party: { ...MUSTER.party, contact: 'Max Muster' },
    });
    expect((await caller.get(`/v1/invoices/${invoice.id}/print`)).body).toBe(page);

    await caller.post(`/v1/contracts/${contract}/commands`, { kind: 'cancel', effective: 'now' });
    await settle(database.pool, contract);
    const [, credit] = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
    expect(credit).toMatchObject({ kind: 'credit_note', title: 'P', gross: '-117.81' });
    const later = (await caller.get(`/v1/invoices/${credit.id}/print`)).body as string;
    expect(later).toContain('Max Muster');
    expect(later).not.toContain('Erika Musterfrau');
  });

  it('passes its payment term to new accounts, unless the order or the account has its own', async () => {
    const { body } = await caller.post('/v1/customers', { ...MUSTER, clock: world.clock });
    const termOfNewAccount = async (more: object) =>
      (
        await caller.post('/v1/billing-accounts', {
          customer: body.id,
          issuer: world.issuer,
          currency: 'USD',
          ...more,
        })
      ).body.payment_term_days;
    expect([await termOfNewAccount({}), await termOfNewAccount({ payment_term_days: 7 })]).toEqual([60, 7]);
    const termOfOrder = async (customer: string, more: object) => {
      const order = await caller.post('/v1/orders', { customer, variant: world.variant, ...more });
      const { account } = (await caller.get(`/v1/contracts/${order.body.contract}`)).body;
      return (await caller.get(`/v1/billing-accounts/${account}`)).body.payment_term_days;
    };
    expect(await termOfOrder(body.id, { payment_term_days: 0 })).toBe(0);
    const other = await caller.post('/v1/customers', { ...MUSTER, clock: world.clock });
    expect(await termOfOrder(other.body.id, {})).toBe(60);
    const cleared = await caller.patch(`/v1/customers/${body.id}`, {
      payment_term_days: null,
      invoice_title: null,
    });
    expect(cleared.body).toMatchObject({ payment_term_days: null, invoice_title: null, version: 1 });
    expect(await termOfNewAccount({})).toBe(0);
  });
});

describe('a billing account', () => {
  it('is created beside the default one, and changed', async () => {
    const second = await caller.post('/v1/billing-accounts', {
      customer: world.customer,
      issuer: world.issuer,
      currency: 'EUR',
      name: 'Projects',
      payment_term_days: 60,
    });
    expect(second.body).toMatchObject({ is_default: false, payment_term_days: 60, balance: '0.00' });
    const patch = { name: 'P', payment_term_days: 30, payment_method: world.method };
    const changed = await caller.patch(`/v1/billing-accounts/${second.body.id}`, patch);
    expect(changed.body).toMatchObject(patch);
    const cleared = await caller.patch(`/v1/billing-accounts/${second.body.id}`, { payment_method: null });
    expect(cleared.body).toMatchObject({ name: 'P', payment_method: null });
    const long = await caller.patch(`/v1/billing-accounts/${second.body.id}`, { payment_term_days: 366 });
    expect([long.status, long.body.errors[0].field]).toEqual([400, 'payment_term_days']);
  });

  it('accepts only payment methods of its own customer', async () => {
    const other = await caller.post('/v1/customers', { party: { name: 'O' }, ...home });
    const theirs = await caller.post('/v1/payment-methods', {
      customer: other.body.id,
      provider: 'sandbox',
      token: 'card',
    });
    const { status, body } = await caller.patch(`/v1/billing-accounts/${world.account}`, {
      payment_method: theirs.body.id,
    });
    expect([status, body.code, body.errors[0].field]).toEqual([422, 'not_found', 'payment_method']);
  });
});

describe('the entries of an account', () => {
  it('show the balance after each entry, also if an earlier receipt is recorded between two pages', async () => {
    const account = await caller.post('/v1/billing-accounts', {
      customer: world.customer,
      issuer: world.issuer,
      currency: 'EUR',
    });
    const path = `/v1/billing-accounts/${account.body.id}`;
    const record = (amount: string, reference: string, at: string) =>
      caller.post(`${path}/receipts`, { amount, reference, at });
    await record('89.50', '0987654321', '2014-12-31T12:00:00Z');
    await record('60.00', '1234567890', '2015-01-30T23:30:00Z');
    await record('0.50', '3', '2015-02-28T12:00:00Z');
    const first = (await caller.get(`${path}/entries?sort=at&limit=1`)).body;
    expect(first.data).toEqual([
      {
        id: expect.stringMatching(/^ent_/),
        at: '2014-12-31T12:00:00.000Z',
        date: '2014-12-31',
        text: 'Receipt of 89.50 EUR',
        reference: '0987654321',
        invoice: null,
        amount: '89.50',
        balance: '89.50',
      },
    ]);
    const rest = async (limit: number) =>
      (await caller.get(`${path}/entries?sort=at&limit=${limit}&cursor=${first.next_cursor}`)).body;
    const datesAndBalances = (body: { data: { date: string; balance: string }[] }) =>
      body.data.map((each) => [each.date, each.balance]);
    expect(datesAndBalances(await rest(1))).toEqual([['2015-01-31', '149.50']]);
    await record('10.00', 'late', '2014-12-01T12:00:00Z');
    const late = await rest(5);
    expect(datesAndBalances(late)).toEqual([
      ['2015-01-31', '159.50'],
      ['2015-02-28', '160.00'],
    ]);
    expect(late.next_cursor).toBeNull();
    expect((await caller.get(path)).body.balance).toBe('160.00');
  });

  it('name their invoice by its number', async () => {
    const invoice = (await caller.get(`/v1/invoices/${world.invoice}`)).body;
    const [entry] = (await caller.get(`/v1/billing-accounts/${world.account}/entries?sort=at`)).body.data;
    expect(entry).toMatchObject({
      text: 'P',
      reference: invoice.number,
      invoice: world.invoice,
      amount: '-139.23',
      balance: '-139.23',
    });
    const foreign = Buffer.from('no instant').toString('base64url');
    const wrong = await caller.get(`/v1/billing-accounts/${world.account}/entries?sort=at&cursor=${foreign}`);
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'cursor']);
  });
});

describe('a payment method', () => {
  it('is refused with an unknown provider or token, and stays readable when it is removed', async () => {
    const add = (more: object) =>
      caller.post('/v1/payment-methods', {
        customer: world.customer,
        provider: 'sandbox',
        token: 'card',
        ...more,
      });
    const wrong = await add({ token: 'no such token' });
    expect([wrong.status, wrong.body.code, wrong.body.errors[0].field]).toEqual([
      422,
      'invalid_token',
      'token',
    ]);
    expect((await add({ provider: 'stripe' })).body.code).toBe('provider_not_available');
    const method = await add({});
    const removed = await caller.delete(`/v1/payment-methods/${method.body.id}`);
    expect(removed.body.removed_at).toEqual(expect.any(String));
    expect((await caller.delete(`/v1/payment-methods/${method.body.id}`)).body.removed_at).toBe(
      removed.body.removed_at,
    );
  });
});
