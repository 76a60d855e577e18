import { createMerchant } from '../../db/parties/merchants.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Caller } from '../support/api.ts';
import type { Component, Interval, Variant, Version } from './model.ts';
import { type Setting, TAX_RATE } from './plan.ts';
import type { World } from './servers.ts';

/** A test merchant with its own catalogue, and its API caller. */
export interface Shop {
  readonly merchant: MerchantId;
  readonly caller: Caller;
  /** The path at which versions of a component or variant are published, by its name. */
  readonly shelves: ReadonlyMap<string, string>;
}

/** Publishes a catalogue through the API. Its names become external ids. */
export async function publish(
  { pool, api }: World,
  { catalogue: { components, variants }, priceMode }: Pick<Setting, 'catalogue' | 'priceMode'>,
): Promise<Shop> {
  const { test: merchant } = await createMerchant(pool, 'Sim');
  const caller = await api.caller(merchant);
  const create = (path: string, body: object): Promise<string> => createAt(caller, path, body);
  const shelves = new Map<string, string>();
  const home = { country: 'DE', time_zone: 'Europe/Berlin' };
  await create('/v1/issuers', { external_id: 'issuer', party: { name: 'I' }, ...home });
  const rates = [{ country: 'DE', valid_from: '2000-01-01', rate: TAX_RATE }];
  await create('/v1/tax-policies', { external_id: 'policy', name: 'T', rates });
  const group = { currency: 'EUR', price_mode: priceMode, tax_policy: 'policy', issuer: 'issuer' };
  await create('/v1/plan-groups', { external_id: 'group', name: 'G', ...group });
  await create('/v1/plans', { external_id: 'plan', plan_group: 'group', name: 'P' });
  for (const each of components) {
    const { id, kind } = each;
    const body = { external_id: id, plan_group: 'group', kind, ...componentOf(each) };
    shelves.set(id, `/v1/components/${await create('/v1/components', body)}/versions`);
  }
  for (const each of variants) {
    const body = { external_id: each.id, plan: 'plan', ...variantOf(each) };
    shelves.set(each.id, `/v1/variants/${await create('/v1/variants', body)}/versions`);
  }
  return { merchant, caller, shelves };
}

/** Publishes a further version through the API. */
export async function publishVersion(
  { caller, shelves }: Shop,
  { variant, component }: Version,
): Promise<void> {
  if (component !== undefined) await createAt(caller, shelves.get(component.id)!, componentOf(component));
  if (variant !== undefined) await createAt(caller, shelves.get(variant.id)!, variantOf(variant));
}

/** Creates an object, and returns its id. */
async function createAt(caller: Caller, path: string, body: object): Promise<string> {
  const { status, body: answer } = await caller.post(path, body);
  if (status !== 201) throw new Error(`${path} answered ${JSON.stringify(answer)}`);
  return answer.id;
}

function componentOf(component: Component): object {
  const { id, model, included, cap, interval, mode, standalone, aggregation } = component;
  return {
    name: id,
    price: priceOf(model),
    interval,
    payment_mode: mode,
    standalone,
    ...given({ included, cap, aggregation }),
  };
}

function priceOf(model: Component['model']): object {
  if (model.kind !== 'volume' && model.kind !== 'graduated' && model.kind !== 'buckets') return model;
  return { kind: model.kind, tiers: model.tiers.map(({ upTo, ...tier }) => ({ up_to: upTo, ...tier })) };
}

function variantOf(variant: Variant): object {
  const { trial, term, renewal, notice } = variant;
  return {
    name: variant.id,
    fee: variant.fee,
    fee_interval: variant.feeInterval,
    billing_interval: variant.billingInterval,
    proration: variant.proration,
    credit_on_pause: variant.creditOnPause,
    credit_on_cancel: variant.creditOnCancel,
    components: variant.components.map(({ id, rule, quantity, ...bounds }) => ({
      component: id,
      rule,
      quantity,
      ...given(bounds),
    })),
    ...given({ trial, term, renewal, notice, setup_fee: variant.setupFee }),
  };
}

/** The fields that are neither null nor undefined. */
function given(fields: Record<string, string | Interval | null | undefined>): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
