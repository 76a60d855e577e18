// Compares the preview of each command with the rows that the command writes, and both with an independent count of days.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCalculator } from '../../api/calculator/in-process.ts';
import { createEngine } from '../../engine/create.ts';
import type { Preview } from '../../api/schemas/previews.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { maybeRow, rows } from '../support/rows.ts';
import type { CommandBody } from '../../domain/contracts/state.ts';
import { type Caller, type TestApi, startTestApi, testProviders } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createClock, moveClock, settle, vault } from '../support/merchant.ts';
import { type Effect, type Event, oracle } from '../support/oracle.ts';
import { type RandomLife, commandFor, life, noonOf, trialOf } from '../support/random-life.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  const providers = testProviders(pool);
  // Commands are decided at once, without the contract's workflow.
  const workflows = {
    apply: settled,
    wake: () => Promise.resolve(),
  };
  const engine = createEngine({
    pool,
    tryOrder: createCalculator(pool).tryOrder,
    vault,
    providers,
    workflows,
    deleteClock: () => Promise.resolve(),
  });
  api = await startTestApi(pool, vault, { engine, providers });
  merchant = (await createMerchant(pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  await createCatalogue();
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function settled(contractId: string): Promise<void> {
  for (let behind = true; behind;) behind = (await settle(pool, contractId)).standing.behind;
}

/** The variants that the oracle knows, in a plan group of net prices and in one of gross prices. */
async function createCatalogue(): Promise<void> {
  const create = async (path: string, body: object): Promise<string> => {
    const answer = await caller.post(path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.id;
  };
  const rate = (country: string, percent: string) => ({ country, valid_from: '2020-01-01', rate: percent });
  const issuer = await create('/v1/issuers', {
    party: { name: 'W' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
  });
  const rates = [rate('DE', '19'), rate('LU', '2.5')];
  const tax_policy = await create('/v1/tax-policies', { name: 'Software', rates });
  for (const price_mode of ['net', 'gross']) {
    const group = { name: price_mode, currency: 'EUR', price_mode, tax_policy, issuer };
    const plan_group = await create('/v1/plan-groups', group);
    const seat = await create('/v1/components', {
      external_id: `seat-${price_mode}`,
      plan_group,
      kind: 'bookable',
      name: 'Seat',
      price: { kind: 'simple', price: '9.00' },
      interval: MONTH,
    });
    const plan = await create('/v1/plans', { plan_group, name: 'Plan' });
    const variant = (id: string, fee: string | null, more: object = {}) =>
      create('/v1/variants', {
        external_id: `${id}-${price_mode}`,
        plan,
        name: id,
        fee,
        fee_interval: MONTH,
        billing_interval: MONTH,
        components: fee === null ? [] : [{ component: seat, rule: 'optional' }],
        ...more,
      });
    await variant('basic', '29.00', { trial: { unit: 'day', count: 14 } });
    await variant('pro', '99.00');
    await variant('pro-year', '990.00', { fee_interval: { unit: 'year', count: 1 } });
    await variant('free', null);
  }
}

const MONTH = { unit: 'month', count: 1 };
type Mode = 'net' | 'gross';
/** A document's totals, and its lines in their order. */
type Documents = readonly {
  readonly totals: readonly [kind: string, date: string, net: string, tax: string, gross: string];
  readonly lines: readonly (readonly [...names: string[], days: number, of: number])[];
}[];

function documentsOf({ documents }: Preview): Documents {
  return documents.map(({ kind, issue_date, net, tax, gross, lines }) => ({
    totals: [kind, issue_date, net, tax, gross],
    lines: lines.map((line) => {
      const { days, of } = 'fraction' in line.derivation ? line.derivation.fraction : { days: 1, of: 1 };
      return [line.kind, line.text, line.from, line.to, line.quantity, line.amount, line.tax_rate, days, of];
    }),
  }));
}

interface LineRow {
  readonly totals: Documents[number]['totals'] | null;
  readonly line: Documents[number]['lines'][number];
  readonly amount: bigint;
}

/** The document that a command wrote, with its charges. If all charges are 0.00, there is no document. */
async function written(commandId: string): Promise<Documents> {
  const found = await rows<LineRow>(
    pool,
    `select jsonb_build_array(c.kind, c.text, c.from_date, c.to_date, trim_scale(c.quantity)::text, (c.amount_minor / 100.0)::numeric(20, 2)::text,
         trim_scale(c.tax_rate)::text, c.days, c.full_days) as line, c.amount_minor as amount,
       case when d.id is not null then jsonb_build_array(d.kind, d.issue_date, (d.net_minor / 100.0)::numeric(20, 2)::text,
         (d.tax_minor / 100.0)::numeric(20, 2)::text, (d.gross_minor / 100.0)::numeric(20, 2)::text) end as totals
     from charges c left join document_lines l on l.merchant_id = c.merchant_id and l.charge_id = c.id
     left join documents d on d.merchant_id = l.merchant_id and d.id = l.document_id
     where c.merchant_id = $1 and c.command_id = $2 order by l.position`,
    [merchant, commandId],
  );
  expect(found.filter(({ totals, amount }) => totals === null && amount !== 0n)).toEqual([]);
  const totals = found[0]?.totals ?? null;
  expect(found.filter((each) => (each.totals === null) !== (totals === null))).toEqual([]);
  return totals === null ? [] : [{ totals, lines: found.map(({ line }) => line) }];
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);
const amountOf = (documents: Documents): number =>
  documents.flatMap(({ lines }) => lines).reduce((sum, line) => sum + cents(String(line[5])), 0);

/** A contract under test, with the commands that it has accepted so far. */
interface Lived {
  readonly given: RandomLife;
  readonly clock: string;
  readonly contract: string;
  readonly events: Event[];
}

const counted = ({ given, events }: Pick<Lived, 'given' | 'events'>, until: number, more: Event[] = []) =>
  oracle(given.variant, given.start, trialOf(given.variant), until, [...events, ...more]);

async function orderContract(given: RandomLife, mode: Mode): Promise<Lived> {
  const clock = await createClock(pool, merchant, noonOf(given.start));
  const customer = {
    party: { name: 'N' },
    country: mode === 'net' ? 'DE' : 'LU',
    time_zone: given.zone,
    clock,
  };
  const order = { customer, variant: `${given.variant}-${mode}` };
  const preview = (await caller.post('/v1/orders/preview', order)).body;
  const { contract, command } = (await caller.post('/v1/orders', order)).body;
  expect(await written(command.id)).toEqual(documentsOf(preview));
  expect(amountOf(documentsOf(preview))).toBe(counted({ given, events: [] }, given.start));
  return { given, clock, contract, events: [] };
}

/** The subscription of seats, or null if no seats are booked. */
const seatOf = (contract: string) =>
  maybeRow<{ id: string }>(
    pool,
    `select subscription_id as id from (select distinct on (subject) * from items where contract_id = $1 and subject <> 'fee'
       order by subject, revision desc) newest where quantity is not null`,
    [contract],
  );

/** Previews a command, sends it, and compares the written rows with the preview, and both with the oracle. */
async function comparePreview(
  lived: Lived,
  day: number,
  effect: Effect,
  atEnd: boolean,
  mode: Mode,
): Promise<boolean> {
  const { contract, events } = lived;
  const wanted = commandFor(effect, (await seatOf(contract))?.id, atEnd);
  if (wanted === null) return false;
  const path = `/v1/contracts/${contract}/commands`;
  const request = { ...named(wanted.body, mode), effective: wanted.scheduled ? 'period_end' : 'now' };
  const preview = await caller.post(`${path}/preview`, request);
  const { status, body } = await caller.post(path, request);
  if (status === 409) {
    // A preview is refused as a request, with the code's own status; a command's refusal is always 409.
    expect([409, 422]).toContain(preview.status);
    expect(preview.body.code).toBe(body.code);
    return body.code !== 'contract_ended';
  }
  expect([preview.status, status]).toEqual([200, 200]);
  const documents = documentsOf(preview.body);
  expect(await written(body.id)).toEqual(documents);
  const event = { day, effect: wanted.effects, atEnd: wanted.scheduled };
  expect(amountOf(documents)).toBe(counted(lived, day, [event]) - counted(lived, day));
  const waiting = preview.body.scheduled.map((change: { due_at: string }) => change.due_at);
  expect([null, ...waiting]).toContain(body.scheduled_for);
  expect(body.scheduled_for === null).toBe(!wanted.scheduled);
  events.push(event);
  return true;
}

/** Goes on for ten weeks. The next document must be the one that the contract gave as `next_billing`. */
async function checkNextBilling({ clock, contract }: Lived, day: number): Promise<void> {
  const next = (await caller.get(`/v1/contracts/${contract}`)).body.next_billing;
  await moveClock(pool, clock, noonOf(day + 70));
  await settled(contract);
  const [first = null] = await rows<{ at: string; gross: bigint }>(
    pool,
    'select effective_at as at, gross_minor as gross from documents where contract_id = $1 and effective_at > $2 order by 1 limit 1',
    [contract, noonOf(day)],
  );
  if (first === null) expect(next === null || next.at > noonOf(day + 70)).toBe(true);
  else
    expect({ at: first.at, gross: first.gross }).toEqual({ at: next.at, gross: BigInt(cents(next.gross)) });
}

/** The command as callers send it, with external ids. */
function named(body: CommandBody, mode: Mode) {
  if (body.kind !== 'change') return body;
  const add = body.components?.add?.map((each) => ({ ...each, component: `${each.component}-${mode}` }));
  return {
    kind: body.kind,
    ...(body.variant === undefined ? {} : { variant: `${body.variant}-${mode}` }),
    ...(body.components === undefined ? {} : { components: { ...body.components, ...(add && { add }) } }),
  };
}

/** Lines whose credits exceed their amount, or are below zero together. */
const OVERDRAWN = `select line.id from charges line join charges credit on credit.merchant_id = line.merchant_id and credit.reverses_id = line.id
  where line.contract_id = $1 group by line.merchant_id, line.id, line.amount_minor
  having -sum(credit.amount_minor) not between 0 and line.amount_minor`;

test(
  'a command writes what its preview says, credits never exceed their line, and amounts equal an independent count of days (rules 9, 10, 11)',
  { timeout: 120_000 },
  async () => {
    let comparisons = 0; // one for each order and each command
    await fc.assert(
      fc.asyncProperty(
        life,
        fc.constantFrom<Mode>('net', 'gross'),
        fc.boolean(),
        async (given, mode, prompt) => {
          const lived = await orderContract(given, mode);
          comparisons++;
          let day = given.start;
          for (const { gap, wishes, atEnd } of given.actions) {
            day += gap;
            await moveClock(pool, lived.clock, noonOf(day));
            // A contract that was not woken has undecided renewals. The preview decides them first, too.
            if (prompt) await settled(lived.contract);
            for (const one of wishes) if (await comparePreview(lived, day, one, atEnd, mode)) comparisons++;
          }
          await checkNextBilling(lived, day);
          expect(await rows(pool, OVERDRAWN, [lived.contract])).toEqual([]);
          const billed =
            'select coalesce(sum(amount_minor), 0)::int as cents from charges where contract_id = $1';
          expect(await rows(pool, billed, [lived.contract])).toEqual([{ cents: counted(lived, day + 70) }]);
        },
      ),
      { numRuns: 100 },
    );
    expect(comparisons).toBeGreaterThanOrEqual(500);
    expect(await audit(pool, AT_REST)).toEqual([]);
    expect(api.errors).toEqual([]);
  },
);
