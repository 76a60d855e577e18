import { setTimeout as delay } from 'node:timers/promises';
import type { TenorClient } from '../client/index.ts';
import type { Shop } from './shop.ts';

/** The result for a year on a test clock. */
export interface ClockYear {
  readonly contracts: number;
  readonly seconds: number;
  readonly steps: number;
  readonly msPerStep: number;
  readonly invoices: number;
  readonly charges: number;
}

const BEGINS = '2023-12-31T09:00:00+01:00';
const ENDS = '2024-12-31T23:00:00+01:00';
const STARTS = ['2024-01-01', '2024-01-15', '2024-01-31'];

/** Measures a year of contracts in one advance of a test clock. Anchors are the 1st, 15th and 31st, and each bill is charged. */
export async function clockYear(
  shop: Shop,
  contracts: number,
  report: (line: string) => void,
): Promise<ClockYear> {
  const { api } = shop;
  const { id: clock } = await api.post('/v1/test-clocks', { body: { name: 'a year', at: BEGINS } });
  for (let n = 0; n < contracts; n++) {
    await shop.order({
      clock,
      start: STARTS[n % STARTS.length] ?? '',
      payment_method: { provider: 'sandbox', token: 'card' },
    });
  }
  report(`${contracts} contracts ordered on a test clock`);
  const before = await shop.count();
  const began = performance.now();
  await api.post('/v1/test-clocks/{id}/advance', { id: clock, body: { to: ENDS } });
  const steps = await arrived(api, clock);
  const seconds = (performance.now() - began) / 1_000;
  const after = await shop.count();
  const [invoices, charges] = [after.documents - before.documents, after.charged - before.charged];
  if (invoices !== 12 * contracts || charges !== 12 * contracts) {
    throw new Error(`${contracts} contracts made ${invoices} documents and ${charges} charges in a year`);
  }
  return { contracts, seconds, steps, msPerStep: (1_000 * seconds) / steps, invoices, charges };
}

/** Waits until the clock has reached its target. Returns its number of steps. */
async function arrived(api: TenorClient, id: string): Promise<number> {
  for (;;) {
    const look = await api.get('/v1/test-clocks/{id}', { id });
    if (look.status === 'ready') return look.steps;
    if (look.status === 'stuck') throw new Error(`the clock is stuck: ${look.problem}`);
    await delay(250);
  }
}
