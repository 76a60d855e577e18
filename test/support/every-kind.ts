// A component of every kind, and variants that prorate in every way, in addition to the plans of the sample merchant.
import { createPlan } from '../../db/catalogue/catalogue.ts';
import { createComponent } from '../../engine/catalogue/publish.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { row, rows } from './rows.ts';
import { createVariant } from '../../engine/catalogue/publish.ts';
import type { Interval } from '../../domain/arithmetic/calendar.ts';
import type { Aggregation, PaymentMode } from '../../domain/contracts/state.ts';
import type { PriceModel } from '../../domain/catalogue/pricing.ts';

export const PRORATIONS = ['days', 'seconds', 'none'] as const;
export const AGGREGATIONS = ['sum', 'max', 'last', 'unique'] as const;
const MODES = ['pre_paid', 'post_paid', 'billed_until'] as const;

const every = (unit: 'month' | 'year', count: number): Interval => ({ unit, count });
/** Fee interval and billing interval, by the second part of a variant's name. */
const INTERVALS = {
  monthly: [every('month', 1), every('month', 1)],
  quarterly: [every('month', 3), every('month', 3)],
  yearly: [every('year', 1), every('month', 1)],
} as const;

const TIERED: PriceModel = {
  kind: 'graduated',
  tiers: [
    { upTo: '10', price: '0.50' },
    { upTo: null, price: '0.30' },
  ],
};

/** External ids of bookable components: `pre_paid`, `pre_paid-standalone`, …, `quarter`. `quarter-post_paid` is left out. */
export const BOOKABLE = [...MODES.flatMap((mode) => [mode, `${mode}-standalone`]), 'quarter'];

/**
 * An order with a component of each payment mode, a standalone one and a metered one. It costs 91.00 at once, including the
 * set-up fee. Each later month costs 88.00 and the usage of the month before: the first 10 units at 0.50, then at 0.30.
 */
export const EVERYTHING = {
  variant: 'days-monthly',
  components: ['pre_paid', 'post_paid', 'billed_until', 'pre_paid-standalone', 'sum'].map((component) => ({
    component,
    quantity: '1',
  })),
};

/** Inserts 12 units of usage of such a contract at an instant, and a workshop for 30.00 that waits for its next invoice. */
export async function useEverything(pool: Pool, contract: string, at: string): Promise<void> {
  await rows(
    pool,
    `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
     select s.merchant_id, s.contract_id, x.at::text, s.id, x.at, 12,
       jsonb_build_object('eventId', x.at::text, 'componentId', c.id, 'quantity', 12, 'at', iso(x.at), 'value', null), x.at
     from (select $2::timestamptz as at) x, component_subscriptions s
     join components c on c.merchant_id = s.merchant_id and c.id = s.component_id
     where s.contract_id = $1 and c.kind = 'metered'`,
    [contract, at],
  );
  await rows(
    pool,
    `insert into one_time_charges (merchant_id, id, account_id, contract_id, kind, text, service_date, quantity, unit_price,
       currency, price_mode, tax_policy_id, state, created_at)
     select c.merchant_id, 'otc_' || c.id || x.at, c.account_id, c.id, 'charge', 'Workshop', x.at::date, 1, 30, g.currency,
       g.price_mode, g.tax_policy_id, 'waiting', x.at
     from (select $2::timestamptz as at) x, contracts c
     join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id where c.id = $1`,
    [contract, at],
  );
}

/**
 * Adds the components `BOOKABLE` and `AGGREGATIONS`, and the variants `days-monthly` to `none-yearly`, to the merchant's
 * first plan group. Each variant allows each component.
 */
export async function sellEveryKind(pool: Pool, merchant: MerchantId): Promise<void> {
  const { id: plan_group } = await row<{ id: string }>(
    pool,
    'select id from plan_groups where merchant_id = $1 order by id limit 1',
    [merchant],
  );
  const component = (
    external_id: string,
    price: PriceModel,
    terms: { interval?: Interval; mode?: PaymentMode; standalone?: boolean; aggregation?: Aggregation },
  ) =>
    inTransaction(pool, (tx) =>
      createComponent(
        tx,
        merchant,
        { external_id, plan_group, kind: terms.aggregation === undefined ? 'bookable' : 'metered' },
        {
          name: external_id,
          description: '',
          price,
          interval: terms.interval ?? every('month', 1),
          payment_mode: terms.mode ?? 'post_paid',
          standalone: terms.standalone ?? false,
          aggregation: terms.aggregation ?? null,
        },
      ),
    );
  const ids: string[] = [];
  for (const mode of MODES) {
    const price: PriceModel = { kind: 'simple', price: '7.00' };
    ids.push(await component(mode, price, { mode }));
    ids.push(await component(`${mode}-standalone`, price, { mode, standalone: true }));
  }
  const quarter = every('month', 3);
  ids.push(await component('quarter-post_paid', { kind: 'simple', price: '7.00' }, { interval: quarter }));
  ids.push(await component('quarter', TIERED, { mode: 'pre_paid', interval: quarter }));
  for (const aggregation of AGGREGATIONS) ids.push(await component(aggregation, TIERED, { aggregation }));
  for (const proration of PRORATIONS) {
    for (const [name, [fee_interval, billing_interval]] of Object.entries(INTERVALS)) {
      const external_id = `${proration}-${name}`;
      const plan = await createPlan(pool, merchant, { plan_group, name: external_id, description: '' });
      await inTransaction(pool, (tx) =>
        createVariant(
          tx,
          merchant,
          { external_id, plan },
          {
            name: external_id,
            description: '',
            fee: '60.00',
            setup_fee: '10.00',
            fee_interval,
            billing_interval,
            proration,
            credit_on_pause: name === 'quarterly',
            credit_on_cancel: true,
            components: ids.map((id) => ({ component: id, rule: 'optional' as const, quantity: '1' })),
          },
        ),
      );
    }
  }
}
