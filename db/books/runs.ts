import { z } from 'zod';
import { lineTax, priceMode, taxRate } from '../catalogue/terms-schema.ts';
import { bigint, date, instant, list, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { accountTerms } from './account-context.ts';
import { accountKind, runCalendar } from './accounts.ts';
import { oneTimeCharge } from './one-time-schema.ts';

const selectOwner = statement('ownerOfAccount', {
  sql: 'select merchant_id as merchant, clock_id as "clockId" from billing_accounts where id = :account',
  params: { account: 'text' },
  row: { merchant: merchantColumn, clockId: text.nullable() },
});

/** The merchant and the clock of an account, by its id alone; null if it was deleted with its test clock. */
export function ownerOfAccount(
  db: Db,
  accountId: string,
): Promise<{ readonly merchant: MerchantId; readonly clockId: string | null } | null> {
  return selectOwner.maybeRow(db, { account: accountId });
}

const OF_ACCOUNT = { merchant: 'text', account: 'text' } as const;

const runContext = {
  terms: accountTerms,
  kind: accountKind,
  name: text,
  currency: text,
  price_mode: priceMode.nullable(),
  customer: text,
  country: text,
  zone: text,
  nextRunAt: instant.nullable(),
  calendar: runCalendar.nullable(),
  planned: z.strictObject({ id: text, until: instant }).nullable(),
  /** Credits that wait on an immediate account, of one price mode. */
  credits: z.strictObject({ priceMode, until: instant }).nullable(),
  /** A deactivated account has no runs until it is activated. */
  deactivated: truth,
};

/** An account as its run needs it. */
export type RunContext = RowOf<typeof runContext>;

const selectContext = statement('runContext', {
  sql: sqlFile(import.meta.url, 'run-context.sql'),
  params: OF_ACCOUNT,
  row: runContext,
});

export function loadRunContext(db: Db, merchant: MerchantId, accountId: string): Promise<RunContext> {
  return selectContext.row(db, { merchant, account: accountId });
}

const selectContracts = statement('contractsOfRun', {
  sql: sqlFile(import.meta.url, 'contracts-of-run.sql'),
  params: { ...OF_ACCOUNT, until: 'timestamptz', failed: 'boolean', most: 'int?' },
  row: { id: text },
});

/** Contracts of an account with something to do up to an instant. `failed`: those whose step failed, instead of all others. */
export async function contractsOfRun(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  { until, failed, most }: { readonly until: string; readonly failed: boolean; readonly most: number | null },
): Promise<string[]> {
  const found = await selectContracts.rows(db, { merchant, account: accountId, until, failed, most });
  return found.map(({ id }) => id);
}

const waitingCharge = {
  id: text,
  contractId: text.nullable(),
  kind: z.enum(['recurring', 'credit', 'usage', 'one_time']),
  amountMinor: bigint,
  tax: lineTax,
  from: date,
  to: date,
  reversesId: text.nullable(),
  oneTimeId: text.nullable(),
};

/** A charge that no document has yet, as its document needs it. */
export type WaitingCharge = RowOf<typeof waitingCharge>;

const selectWaiting = statement('waitingCharges', {
  sql: `
    select c.id, c.contract_id as "contractId", c.kind, c.amount_minor as "amountMinor", tax_of_line(c) as tax,
      c.from_date as "from", c.to_date as "to", c.reverses_id as "reversesId", c.one_time_id as "oneTimeId"
    from waiting_charges w
    join charges c on c.merchant_id = w.merchant_id and c.id = w.charge_id
    where w.merchant_id = :merchant and w.account_id = :account and w.effective_at <= :until and c.price_mode = :priceMode
    order by c.id`,
  params: { ...OF_ACCOUNT, until: 'timestamptz', priceMode: 'text' },
  row: waitingCharge,
});

/** The charges of a price mode that wait on an account up to an instant, in the order in which they were made. */
export function waitingCharges(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  of: { readonly until: string; readonly priceMode: 'net' | 'gross' },
): Promise<WaitingCharge[]> {
  return selectWaiting.rows(db, { merchant, account: accountId, ...of });
}

const selectWaitingAmong = statement('waitingAmong', {
  sql: `
    select c.id, c.contract_id as "contractId", c.kind, c.amount_minor as "amountMinor", tax_of_line(c) as tax,
      c.from_date as "from", c.to_date as "to", c.reverses_id as "reversesId", c.one_time_id as "oneTimeId"
    from waiting_charges w
    join charges c on c.merchant_id = w.merchant_id and c.id = w.charge_id
    where w.merchant_id = :merchant and w.charge_id = any(:charges)
    order by c.id`,
  params: { merchant: 'text', charges: 'text[]' },
  row: waitingCharge,
});

/** Those of some charges that wait for a run. */
export async function waitingAmong(
  db: Db,
  merchant: MerchantId,
  charges: readonly string[],
): Promise<WaitingCharge[]> {
  return charges.length === 0 ? [] : selectWaitingAmong.rows(db, { merchant, charges });
}

const selectHasWaiting = statement('hasWaitingCharges', {
  sql: `select exists (select from waiting_charges where merchant_id = :merchant and account_id = :account)
      or exists (select from account_runs where merchant_id = :merchant and account_id = :account and state = 'planned') as waits`,
  params: OF_ACCOUNT,
  row: { waits: z.boolean() },
});

/** Whether a charge waits on an account, or a run by hand is not done. */
export async function hasWaitingCharges(db: Db, merchant: MerchantId, accountId: string): Promise<boolean> {
  return (await selectHasWaiting.row(db, { merchant, account: accountId })).waits;
}

const selectOtherMode = statement('hasOtherPriceMode', {
  sql: `select exists (
    select from documents
    where merchant_id = :merchant and account_id = :account and contract_id is not null and price_mode <> :priceMode) as has`,
  params: { ...OF_ACCOUNT, priceMode: 'text' },
  row: { has: z.boolean() },
});

/** Whether a contract has an invoice of another price mode on an account. A run could not bill a credit of it. */
export async function hasOtherMode(
  db: Db,
  merchant: MerchantId,
  account: string,
  priceMode: 'net' | 'gross',
): Promise<boolean> {
  return (await selectOtherMode.row(db, { merchant, account, priceMode })).has;
}

const waitingOneTime = { charge: oneTimeCharge, contractId: text.nullable(), zone: text };

const selectOneTime = statement('oneTimeOfRun', {
  sql: `
    select one_time_of(o) as charge, o.contract_id as "contractId", coalesce(c.time_zone, a.time_zone) as zone
    from one_time_charges o
    join billing_accounts a on a.merchant_id = o.merchant_id and a.id = o.account_id
    left join contracts c on c.merchant_id = o.merchant_id and c.id = o.contract_id
    where o.merchant_id = :merchant and o.account_id = :account and o.state = 'waiting' and o.kind = 'charge'
      and o.created_at <= :until and o.price_mode = a.price_mode
    order by o.created_at, o.id`,
  params: { ...OF_ACCOUNT, until: 'timestamptz' },
  row: waitingOneTime,
});

/** One-time charges that wait on a collective account up to an instant, with the zones of their service dates. */
export function oneTimeOfRun(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  until: string,
): Promise<RowOf<typeof waitingOneTime>[]> {
  return selectOneTime.rows(db, { merchant, account: accountId, until });
}

const selectRates = statement('taxRatesOfRun', {
  sql: `select coalesce(json_agg(tax_rate_of(t)), '[]') as rates from tax_rates t
    where t.merchant_id = :merchant and t.country = :country and t.tax_policy_id = any(:policies)`,
  params: { merchant: 'text', country: 'text', policies: 'text[]' },
  row: { rates: list(taxRate) },
});

/** The rates of tax policies in a country. */
export async function ratesOfPolicies(
  db: Db,
  merchant: MerchantId,
  country: string,
  policies: readonly string[],
): Promise<RowOf<{ rates: ReturnType<typeof list<typeof taxRate>> }>['rates']> {
  return (await selectRates.row(db, { merchant, country, policies })).rates;
}

const selectPlans = statement('plansOfRun', {
  sql: `
    select distinct p.name
    from contracts c
    join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
    join variants va on va.merchant_id = v.merchant_id and va.id = v.variant_id
    join plans p on p.merchant_id = va.merchant_id and p.id = va.plan_id
    where c.merchant_id = :merchant and c.id = any(:contracts)
    order by p.name`,
  params: { merchant: 'text', contracts: 'text[]' },
  row: { name: text },
});

/** The names of the plans of contracts, each once. */
export async function plansOfContracts(
  db: Db,
  merchant: MerchantId,
  contracts: readonly string[],
): Promise<string[]> {
  if (contracts.length === 0) return [];
  return (await selectPlans.rows(db, { merchant, contracts })).map(({ name }) => name);
}

const runView = {
  id: text,
  account: text,
  cause: z.enum(['calendar', 'hand', 'credits']),
  state: z.enum(['planned', 'done']),
  until_at: instant,
  document: text.nullable(),
  left_out: list(text),
  asked_at: instant,
  done_at: instant.nullable(),
};

/** A run as the API shows it. */
export type RunView = RowOf<typeof runView>;

const VIEW = `select id, account_id as account, cause, state, until_at, document_id as document, left_out, asked_at, done_at
  from account_runs where merchant_id = :merchant`;

const selectRun = statement('runView', {
  sql: `${VIEW} and id = :run`,
  params: { merchant: 'text', run: 'text' },
  row: runView,
});

export function getRun(db: Db, merchant: MerchantId, id: string): Promise<RunView | null> {
  return selectRun.maybeRow(db, { merchant, run: id });
}

const listViews = listStatement('runViews', {
  sql: `${VIEW} and account_id = :account`,
  params: OF_ACCOUNT,
  row: runView,
});

export function listRuns(
  db: Db,
  merchant: MerchantId,
  account: string,
  page: PageOf,
): Promise<Page<RunView>> {
  return listViews.page(db, { merchant, account }, page);
}

const insertPlanned = statement('planRun', {
  sql: `insert into account_runs (merchant_id, id, account_id, until_at, cause, state, asked_at)
    values (:merchant, :run, :account, :at, 'hand', 'planned', :at)`,
  params: { ...OF_ACCOUNT, run: 'text', at: 'timestamptz' },
});

/** Plans a run by hand up to now. The caller holds the account's lock, and no other run by hand of the account is planned. */
export async function planRun(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  { run, at }: { readonly run: string; readonly at: string },
): Promise<void> {
  await insertPlanned.run(tx, { merchant, account: accountId, run, at });
}
