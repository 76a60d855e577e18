import { z } from 'zod';
import { type AccountRow, getAccount, listAccounts } from '../../db/books/accounts.ts';
import { type EntryFilter, listEntries } from '../../db/books/entries.ts';
import { mapPage } from '../../db/platform/page.ts';
import { getPayment } from '../../db/payments/views.ts';
import { type RunView, getRun, listRuns } from '../../db/books/runs.ts';
import { requestRun } from '../../engine/books/account-runs.ts';
import { openAccount, reviseAccount } from '../../engine/books/accounts.ts';
import { recordReceipt } from '../../engine/payments/receipts.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { dateAt, startOfDay } from '../../domain/arithmetic/calendar.ts';
import { formatMinor, parseAmount } from '../../domain/arithmetic/money.ts';
import { atField } from '../../domain/errors.ts';
import { refuseChanged } from '../etag.ts';
import { resolveFilter } from '../filters.ts';
import { refuseInverted, sortBy, sortOf } from '../lists.ts';
import { type Route, route } from '../route.ts';
import {
  accountOut,
  accountPatch,
  entryOut,
  newAccount,
  newReceipt,
  paymentOut,
  runOut,
} from '../schemas/accounts.ts';
import { date, idParams, page, pageQuery, reference } from '../schemas/common.ts';
import { paymentToWire } from './payments.ts';

const tag = 'Billing accounts';

function toWire({ balance_minor, ...row }: AccountRow): z.input<typeof accountOut> {
  return {
    id: row.id,
    customer: row.customer,
    issuer: row.issuer,
    clock: row.clock,
    currency: row.currency,
    name: row.name,
    kind: row.kind,
    price_mode: row.price_mode,
    runs: row.calendar,
    next_run: row.next_run_at,
    collection: collectionToWire(row),
    next_collection: row.next_collection,
    deactivated_at: row.deactivated_at,
    is_default: row.is_default,
    payment_term_days: row.payment_term_days,
    payment_method: row.payment_method,
    time_zone: row.time_zone,
    balance: formatMinor(balance_minor, row.currency),
    created_at: row.created_at,
  };
}

function collectionToWire({
  collection,
  currency,
}: Pick<AccountRow, 'collection' | 'currency'>): z.input<typeof accountOut>['collection'] {
  const { thresholdMinor, ...terms } = collection;
  return { ...terms, threshold: formatMinor(thresholdMinor, currency) };
}

/** The version of an account. Its balance and its next run change by themselves, and do not belong to it. */
function versionOf(account: z.input<typeof accountOut>): object {
  const { balance: _balance, next_run: _nextRun, next_collection: _nextCollection, ...terms } = account;
  return terms;
}

const entryQuery = z.strictObject({
  ...pageQuery,
  from: date.exactOptional().meta({ description: "From this day on, in the account's time zone." }),
  before: date.exactOptional().meta({ description: "Before this day, in the account's time zone." }),
  sort: sortBy(['at']),
});

function entryFilterOf({ from, before, sort }: z.output<typeof entryQuery>, zone: string): EntryFilter {
  return {
    ...(from === undefined ? {} : { from: startOfDay(from, zone) }),
    ...(before === undefined ? {} : { before: startOfDay(before, zone) }),
    ascending: sortOf(sort).ascending ?? false,
  };
}

const RUN_ERRORS = [
  'account_not_collective',
  'price_mode_mismatch',
  'clock_advancing',
  'invalid_date',
] as const;

function runToWire({ until_at: until, document: invoice, ...row }: RunView): z.input<typeof runOut> {
  return { ...row, left_out: [...row.left_out], until, invoice };
}

const COLLECTION_ERRORS = ['currency_mismatch', 'invalid_amount', 'unknown_currency'] as const;

export const accountRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/billing-accounts',
      tag,
      summary: 'Create another billing account',
      description: 'Orders create the default account by themselves. Credit never crosses accounts.',
      scope: 'write',
      effect: 'transaction',
      body: newAccount,
      status: [201],
      response: accountOut,
      errors: [...COLLECTION_ERRORS, ...RUN_ERRORS, 'foreign_issuer'],
    },
    async ({ body }, { db, merchant }) => {
      const customer = await resolve(db, merchant, 'customer', body.customer, 'customer');
      const issuer = await resolve(db, merchant, 'issuer', body.issuer, 'issuer');
      const id = await openAccount(db, merchant, { ...body, customer, issuer });
      return toWire(found(await getAccount(db, merchant, id), 'billing account'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts',
      tag,
      summary: 'List billing accounts',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, customer: reference.exactOptional() }),
      status: [200],
      response: page(accountOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const { customer } = await resolveFilter(db, merchant, query, { customer: 'customer' });
      return mapPage(await listAccounts(db, merchant, customer, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts/{id}',
      tag,
      summary: 'Read a billing account with its balance',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: accountOut,
      etag: versionOf,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getAccount(db, merchant, params.id), 'billing account')),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/billing-accounts/{id}',
      tag,
      summary: 'Change the name, payment term, payment method, kind, runs or collection',
      description:
        'Changes apply from the next document on. A new payment method is also charged for open invoices that have no ' +
        'attempt under way. A collective account becomes immediate only when no charge waits on it. A run that is due already ' +
        'is still done when the calendar changes. The way of collecting changes only when nothing is being collected.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: accountPatch,
      status: [200],
      response: accountOut,
      etag: versionOf,
      errors: [...RUN_ERRORS, ...COLLECTION_ERRORS, 'charges_waiting', 'collection_under_way'],
    },
    async ({ params, body }, { db, merchant, ifMatch }) => {
      const read = async () => toWire(found(await getAccount(db, merchant, params.id), 'billing account'));
      await reviseAccount(db, merchant, params.id, body, () =>
        refuseChanged(ifMatch, async () => versionOf(await read())),
      );
      return read();
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/billing-accounts/{id}/runs',
      tag,
      summary: 'Run a collective account now',
      description:
        'Makes one document of all charges up to now. Read the run until it is done. While one that was asked for is not done, ' +
        'the answer is that run.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [202],
      response: runOut,
      errors: ['account_not_collective', 'account_deactivated', 'clock_advancing'],
    },
    async ({ params }, { db, merchant }) =>
      runToWire(found(await getRun(db, merchant, await requestRun(db, merchant, params.id)), 'run')),
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts/{id}/runs',
      tag,
      summary: 'List the runs of a collective account',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(runOut),
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const { id } = found(await getAccount(db, merchant, params.id), 'billing account');
      return mapPage(await listRuns(db, merchant, id, query), runToWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/runs/{id}',
      tag,
      summary: 'Read a run of a collective account',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: runOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => runToWire(found(await getRun(db, merchant, params.id), 'run')),
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts/{id}/entries',
      tag,
      summary: 'List the entries of a billing account',
      description: 'Newest first. Each entry has the balance after it.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: entryQuery,
      status: [200],
      response: page(entryOut),
      errors: ['invalid_date'],
    },
    async ({ params, query }, { db, merchant }) => {
      refuseInverted(query, ['from', 'before']);
      const account = found(await getAccount(db, merchant, params.id), 'billing account');
      const { id, currency, time_zone } = account;
      return mapPage(
        await listEntries(db, merchant, id, entryFilterOf(query, time_zone), query),
        (entry) => ({
          id: entry.id,
          at: entry.at,
          date: dateAt(entry.at, time_zone),
          text: entry.text,
          reference: entry.reference,
          invoice: entry.document,
          amount: formatMinor(entry.amount_minor, currency),
          balance: formatMinor(entry.balance_minor, currency),
        }),
      );
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/billing-accounts/{id}/receipts',
      tag,
      summary: 'Record a receipt',
      description:
        'Records a payment that arrived without a provider, such as a bank transfer. It pays the oldest open invoices that ' +
        'have no attempt under way. The rest becomes account credit.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: newReceipt,
      status: [201],
      response: paymentOut,
      errors: [
        'invalid_amount',
        'unknown_currency',
        'currency_mismatch',
        'invalid_date',
        'date_in_the_future',
      ],
    },
    async ({ params, body }, { db, merchant }) => {
      const account = found(await getAccount(db, merchant, params.id), 'billing account');
      const currency = body.currency ?? account.currency;
      const amountMinor = atField('amount', () => parseAmount(body.amount, currency));
      const { paymentId } = await recordReceipt(db, merchant, {
        accountId: account.id,
        amountMinor,
        currency,
        reference: body.reference,
        ...(body.at === undefined ? {} : { at: body.at }),
      });
      return paymentToWire(found(await getPayment(db, merchant, paymentId), 'payment'));
    },
  ),
];
