// A contract in the database, which each step loads again.
import { expect } from 'vitest';
import type { CommandRequest } from '../../engine/requests.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';
import { command, createClock, moveClock, order, settle } from './merchant.ts';

export type StoredLife = [
  now: string,
  variant: string,
  components: { component: string; quantity: string }[],
  time_zone?: string,
];

/** Orders a contract in Berlin on a new clock. Returns functions that advance it, send it commands and read its lines. */
export async function beginStored(
  pool: Pool,
  merchant: MerchantId,
  ...[now, variant, components, time_zone = 'Europe/Berlin']: StoredLife
) {
  const clock = await createClock(pool, merchant, now);
  const party = { name: 'Nordlicht' };
  const customer = { party, country: 'DE', time_zone, language: 'de', clock };
  const { contractId } = await order(pool, merchant, { customer, variant, components });
  await settle(pool, contractId);
  return {
    contractId,
    to: async (later: string) => {
      await moveClock(pool, clock, later);
      await settle(pool, contractId);
    },
    /** Sends a command, which must be applied. It finds the contract as it is stored. */
    ask: async (asked: CommandRequest) => {
      const { commandId } = await command(pool, merchant, contractId, asked);
      const { answers } = await settle(pool, contractId, [commandId]);
      expect(answers[commandId]).toEqual({ commandId, state: 'applied' });
    },
    lines: () =>
      rows<{ text: string; starts_at: string; ends_at: string; amount_minor: bigint }>(
        pool,
        `select text, starts_at, ends_at, amount_minor from charges
         where contract_id = $1 and kind <> 'one_time' order by id`,
        [contractId],
      ),
  };
}
