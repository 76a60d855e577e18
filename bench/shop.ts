import { createCatalogue } from '../dev/demo/catalogue.ts';
import { type NewPaymentMethod, type TenorClient, createClient } from '../client/index.ts';
import { createApiKey } from '../db/parties/api-keys.ts';
import { createMerchant } from '../db/parties/merchants.ts';
import { int } from '../db/platform/columns.ts';
import type { Pool } from '../db/platform/pool.ts';
import { statement } from '../db/platform/statement.ts';
import { inParallel } from '../engine/platform/in-parallel.ts';

/** How many orders are placed at once: half of the API's connections, which one merchant may use. */
const ORDERS_AT_ONCE = 10;

interface Order {
  readonly start?: string;
  readonly clock?: string;
  readonly payment_method?: NewPaymentMethod;
  /** The id of a customer. By default a new customer. */
  readonly customer?: string;
}

/** A test merchant with the demo's catalogue, which sells Pro monthly at 99.00. */
export interface Shop {
  readonly api: TenorClient;
  /** The local day on which contracts on wall time start. */
  readonly start: string;
  /** Orders a contract and returns its id. */
  order(order: Order): Promise<string>;
  /** Returns the ids of `count` contracts on wall time, each of its own customer. Orders those that are missing. */
  contracts(count: number): Promise<readonly string[]>;
  /** Does the same for contracts of one customer and one account. */
  contractsOfOneAccount(count: number): Promise<readonly string[]>;
  /** Counts the documents and the succeeded attempts of all merchants. */
  count(): Promise<{ documents: number; charged: number }>;
}

const counted = statement('benchCount', {
  sql: `
    select (select count(*)::int from documents) as documents,
      (select count(*)::int from attempts where state = 'succeeded') as charged`,
  row: { documents: int, charged: int },
});

/** Creates the merchant with its catalogue. `report` is called with lines of progress. */
export async function openShop(
  { apiUrl, pool, start }: { readonly apiUrl: string; readonly pool: Pool; readonly start: string },
  report: (line: string) => void,
): Promise<Shop> {
  const { test } = await createMerchant(pool, 'Bench');
  const { key } = await createApiKey(pool, test, 'bench', ['admin']);
  const api = createClient({ baseUrl: apiUrl, apiKey: key, retries: 20 });
  await createCatalogue(api);
  const ada = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin' };
  const order = async ({ clock, customer, ...more }: Order): Promise<string> => {
    const whose = customer ?? (clock === undefined ? ada : { ...ada, clock });
    const placed = await api.post('/v1/orders', {
      body: { customer: whose, variant: 'pro-monthly', ...more },
    });
    return placed.contract;
  };
  const orderUpTo = async (
    ordered: string[],
    count: number,
    customer?: string,
  ): Promise<readonly string[]> => {
    const missing = Array.from({ length: Math.max(0, count - ordered.length) });
    const began = performance.now();
    await inParallel([...missing.keys()], ORDERS_AT_ONCE, async () => {
      ordered.push(await order({ start, ...(customer === undefined ? {} : { customer }) }));
      if (ordered.length % 1_000 === 0) report(`${ordered.length} contracts ordered`);
    });
    const seconds = (performance.now() - began) / 1_000;
    if (missing.length > 0) {
      report(`${missing.length} contracts ordered, ${(missing.length / seconds).toFixed(1)}/s`);
    }
    return ordered.slice(0, count);
  };
  const many: string[] = [];
  const ofOne: string[] = [];
  let customer: string | undefined;
  return {
    api,
    start,
    order,
    contracts: (count) => orderUpTo(many, count),
    async contractsOfOneAccount(count) {
      customer ??= (await api.post('/v1/customers', { body: ada })).id;
      return orderUpTo(ofOne, count, customer);
    },
    count: () => counted.row(pool, {}),
  };
}
