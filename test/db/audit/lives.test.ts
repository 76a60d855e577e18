import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChargeActivities } from '../../../activities/charge.ts';
import type { CommandRequest } from '../../../engine/requests.ts';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import { AGGREGATIONS, BOOKABLE, PRORATIONS, sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
} from '../../support/merchant.ts';

// Contracts with a component of every kind, and a year with every kind of command. The audit finds nothing wrong after any
// of its steps.
let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
});
afterAll(() => database.close());

/** A contract on a clock of its own. */
class Life {
  contract = '';
  private clock = '';
  private events = 0;

  async begin(variant: string): Promise<void> {
    this.clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const { contractId } = await order(pool, merchant, {
      customer: {
        party: { name: variant },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
        clock: this.clock,
      },
      variant,
      components: [
        ...BOOKABLE.map((component) => ({ component, quantity: '12' })),
        ...AGGREGATIONS.map((component) => ({ component, quantity: '1' })),
      ],
      payment_method: { provider: 'sandbox', token: 'card' },
    });
    this.contract = contractId;
    await this.settleAndAudit();
  }

  async at(now: string): Promise<void> {
    await moveClock(pool, this.clock, now);
    await this.settleAndAudit();
  }

  async ask(request: CommandRequest): Promise<void> {
    const { commandId } = await command(pool, merchant, this.contract, request);
    const { answers } = await settle(pool, this.contract, [commandId]);
    expect(answers[commandId]).toEqual({ commandId, state: 'applied' });
    await this.settleAndAudit();
  }

  /** The subscription of a component that was booked last. */
  async subscription(component: string): Promise<string> {
    const [last] = await rows<{ id: string }>(
      pool,
      `select s.id from component_subscriptions s join components c on c.merchant_id = s.merchant_id and c.id = s.component_id
       where s.contract_id = $1 and c.external_id = $2 order by s.id desc limit 1`,
      [this.contract, component],
    );
    return last?.id ?? '';
  }

  /** Stores usage of every metered component for an instant. A period that was rated is reopened. */
  async use(at: string, quantity: string, value: string): Promise<void> {
    for (const component of AGGREGATIONS) {
      this.events += 1;
      const subscription = await this.subscription(component);
      await rows(
        pool,
        `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, value, reported, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, '{}', $5)`,
        [merchant, this.contract, `e${this.events}`, subscription, at, quantity, value],
      );
      await rows(
        pool,
        'update metered_periods set reopened = true where subscription_id = $1 and starts_at <= $2 and $2 < ends_at',
        [subscription, at],
      );
    }
  }

  private async settleAndAudit(): Promise<void> {
    const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
    const { charge } = createChargeActivities({ pool, providers: { sandbox } });
    for (let behind = true; behind;) {
      const { standing } = await settle(pool, this.contract);
      expect(standing.incident).toBe(null);
      for (let next = standing.planned?.attemptId ?? null; next !== null;)
        next = await charge(this.contract, next);
      behind = standing.behind;
    }
    expect(await audit(pool, AT_REST)).toEqual([]);
  }
}

async function runYear(variant: string, other: string): Promise<Life> {
  const life = new Life();
  await life.begin(variant);
  await life.use('2024-02-10T08:00:00.000Z', '8', 'a');
  await life.at('2024-02-11T10:30:00.000Z');
  const set = await Promise.all(
    BOOKABLE.map(async (component) => ({
      subscription: await life.subscription(component),
      quantity: '15',
    })),
  );
  await life.ask({ kind: 'change', components: { set }, effective: 'now' });
  await life.at('2024-02-20T16:00:00.000Z');
  await life.ask({ kind: 'pause', reason: 'customer', effective: 'now' });
  await life.at('2024-03-05T12:00:00.000Z');
  await life.ask({ kind: 'resume', reason: 'customer', effective: 'now' });
  await life.use('2024-02-15T08:00:00.000Z', '5', 'b');
  await life.at('2024-03-20T15:00:00.000Z');
  const add = BOOKABLE.map((component) => ({
    component,
    quantity: '2',
    start: '2024-04-10',
    end: '2024-06-20',
  }));
  const max = await life.subscription('max');
  const remove = [set[1]?.subscription ?? '', set[3]?.subscription ?? '', max];
  await life.ask({ kind: 'change', components: { add, remove }, effective: 'now' });
  await life.at('2024-04-12T08:00:00.000Z');
  await life.ask({ kind: 'change', variant: other, effective: 'period_end' });
  await life.at('2024-05-15T11:00:00.000Z');
  return life;
}

describe('a contract with a component of every kind', () => {
  const others = { monthly: 'quarterly', quarterly: 'yearly', yearly: 'monthly' };
  const cases = PRORATIONS.flatMap((proration) =>
    Object.entries(others).map(([from, to]) => [`${proration}-${from}`, `${proration}-${to}`] as const),
  );
  it.each(cases)('leaves clean books after each of its steps: %s, then %s', async (variant, other) => {
    const life = await runYear(variant, other);
    await life.at('2025-03-10T10:00:00.000Z');
    await life.use('2025-02-20T08:00:00.000Z', '-3', 'a').catch(() => undefined);
    await life.ask({ kind: 'cancel', effective: 'now' });
    await life.at('2025-06-01T10:00:00.000Z');
  });
});
