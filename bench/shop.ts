import { createCatalogue } from '../dev/demo/catalogue.ts';
import { type ApiClient, createClient } from '../dev/demo/client.ts';
import { createApiKey } from '../db/parties/api-keys.ts';
import { createMerchant } from '../db/parties/merchants.ts';
import { type Pool, row } from '../db/platform/pool.ts';

/** A test merchant with the demo's catalogue, which sells Pro monthly at 99.00. */
export interface Shop {
  readonly api: ApiClient;
  /** Orders a contract by a new customer; answers its id. */
  order(more: { start: string | undefined; clock?: string; payment_method?: object }): Promise<string>;
  /** What there is in the books of everybody. */
  count(): Promise<{ documents: number; charged: number }>;
}

export async function openShop(apiUrl: string, pool: Pool): Promise<Shop> {
  const { test } = await createMerchant(pool, 'Bench');
  const { key } = await createApiKey(pool, test, 'bench', ['admin']);
  const api = createClient(apiUrl, key);
  await createCatalogue(api);
  return {
    api,
    async order({ clock, ...more }) {
      const customer = {
        party: { name: 'Ada' },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        ...(clock === undefined ? {} : { clock }),
      };
      return (
        await api.post<{ contract: string }>('/v1/orders', { customer, variant: 'pro-monthly', ...more })
      ).contract;
    },
    count: () =>
      row(
        pool,
        `select (select count(*)::int from documents) as documents,
           (select count(*)::int from attempts where state = 'succeeded') as charged`,
      ),
  };
}
