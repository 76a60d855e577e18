// The subscription business of the samples, in a real database: catalogue, and orders placed as the API places them.
import { createSettling, type SettleResult } from '../../engine/contracts/settle.ts';
import { tryOrder as tryOut } from '../../engine/contracts/order-draft.ts';
import { order as placeOrder } from '../../engine/contracts/orders.ts';
import { commandBody, effectiveOf } from '../../engine/contracts/commands.ts';
import type { CommandRequest, OrderRequest } from '../../engine/requests.ts';
import { createPlan, createPlanGroup } from '../../db/catalogue/catalogue.ts';
import { storeCommand } from '../../engine/contracts/store-command.ts';
import { createComponent } from '../../engine/catalogue/publish.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { createIssuer } from '../../engine/parties/issuers.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';
import { createTaxPolicy } from '../../engine/catalogue/tax-rates.ts';
import { createVariant } from '../../engine/catalogue/publish.ts';
import { createVault } from '../../db/parties/vault.ts';
import type { OperatorRequest } from '../../temporal/messages.ts';
import { createSandbox } from '../../psp/sandbox/sandbox.ts';

const MONTH = { unit: 'month', count: 1 } as const;
export const vault = createVault([Buffer.alloc(32, 7)]);

/** Creates the plan group "Cloud EUR" of the samples: plans Basic, Pro and Free, components Seat and Support, with external ids. */
export async function createSampleMerchant(pool: Pool): Promise<MerchantId> {
  const { test: merchant } = await createMerchant(pool, 'Wolkenwerk');
  const issuer = await createIssuer(pool, vault, merchant, {
    party: { name: 'Wolkenwerk GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    series: {
      invoice: { pattern: 'R-{YYYY}-{####}', first_counter: 1 },
      credit_note: { pattern: 'G-{YYYY}-{####}', first_counter: 1 },
    },
  });
  const rate = (country: string, percent: string) => ({
    country,
    valid_from: '2020-01-01',
    category: 'standard',
    rate: percent,
  });
  const tax_policy = await createTaxPolicy(pool, merchant, {
    name: 'Software',
    rates: [rate('DE', '19'), rate('AT', '20'), rate('LU', '17')],
  });
  const plan_group = await createPlanGroup(pool, merchant, {
    name: 'Cloud EUR',
    currency: 'EUR',
    price_mode: 'net',
    tax_policy,
    issuer,
  });
  const component = (external_id: string, kind: 'bookable' | 'on_off', name: string, price: string) =>
    inTransaction(pool, (tx) =>
      createComponent(
        tx,
        merchant,
        { external_id, plan_group, kind },
        {
          name,
          description: '',
          price: { kind: 'simple', price },
          interval: MONTH,
          payment_mode: 'pre_paid',
          standalone: false,
          aggregation: null,
        },
      ),
    );
  const seat = await component('seat', 'bookable', 'Seat', '9.00');
  const support = await component('support', 'on_off', 'Support', '49.00');
  const variant = async (
    external_id: string,
    planName: string,
    name: string,
    fee: string | null,
    more: object = {},
  ) => {
    const plan = await createPlan(pool, merchant, { plan_group, name: planName, description: '' });
    await inTransaction(pool, (tx) =>
      createVariant(
        tx,
        merchant,
        { external_id, plan },
        {
          name,
          description: '',
          fee,
          fee_interval: MONTH,
          billing_interval: MONTH,
          proration: 'days',
          credit_on_pause: false,
          credit_on_cancel: true,
          components: [seat, support].map((id) => ({
            component: id,
            rule: 'optional' as const,
            quantity: '1',
          })),
          ...more,
        },
      ),
    );
  };
  await variant('basic', 'Basic', 'Basic monthly', '29.00', { trial: { unit: 'day', count: 14 } });
  await variant('pro', 'Pro', 'Pro monthly', '99.00');
  await variant('free', 'Free', 'Free', null);
  return merchant;
}

/** Creates a test clock at an instant. */
export async function createClock(pool: Pool, merchant: MerchantId, now: string): Promise<string> {
  const id = newId('clock');
  await rows(
    pool,
    `insert into test_clocks (merchant_id, id, name, now_at, started_at, status) values ($1, $2, 'clock', $3, $3, 'ready')`,
    [merchant, id, now],
  );
  return id;
}

export async function moveClock(pool: Pool, clockId: string, now: string): Promise<void> {
  await rows(pool, 'update test_clocks set now_at = $2 where id = $1', [clockId, now]);
}

/** Places an order as the API does. It waits until `settle` decides it. */
export function order(
  pool: Pool,
  merchant: MerchantId,
  request: OrderRequest,
): Promise<{ contractId: string; commandId: string }> {
  const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
  const tryOrder = (of: MerchantId, candidate: OrderRequest): Promise<string> => tryOut(pool, of, candidate);
  return placeOrder({ pool, tryOrder, vault, providers: { sandbox } }, merchant, request, 'api:test');
}

/** Stores a command as the API does. */
export function command(
  pool: Pool,
  merchant: MerchantId,
  contractId: string,
  request: CommandRequest,
): Promise<{ commandId: string }> {
  return inTransaction(pool, async (tx) => {
    const body = await commandBody(tx, merchant, contractId, request);
    return storeCommand(tx, merchant, {
      contractId,
      kind: request.kind,
      body,
      effective: effectiveOf(request),
      actor: 'api:test',
    });
  });
}

/** Runs the activity `settle` once, as the contract's workflow does. `woken` matters only to contracts on wall time. */
export function settle(
  pool: Pool,
  contractId: string,
  asked: readonly string[] = [],
  orders: readonly OperatorRequest[] = [],
  woken = '1970-01-01T00:00:00.000Z',
): Promise<SettleResult> {
  return createSettling({ pool, limit: 250 })(contractId, { woken, asked, orders });
}
