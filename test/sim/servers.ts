import { chargeOfContract } from '../../engine/payments/charge.ts';
import { createCalculator } from '../../api/calculator/in-process.ts';
import { createEngine } from '../../engine/create.ts';
import type { Parts } from '../../compose.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Sandbox } from '../../psp/sandbox/sandbox.ts';
import { type TestApi, startTestApi } from '../support/api.ts';
import { guardBooks } from './books.ts';
import { moveClock, settle } from '../support/merchant.ts';

/** Where lives are led: an API before a database, and workflows behind it, or none. */
export interface World {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly api: Pick<TestApi, 'errors' | 'caller' | 'stop'>;
  /** Where customers answer challenges. */
  readonly sandbox: Pick<Sandbox, 'complete'>;
  /** How time passes; null: by the API's own `advance`, through the workflows. */
  readonly advance: ((clock: string, contracts: readonly string[], to: string) => Promise<void>) | null;
  /** What is undone, or was done twice, when a life of the merchant has ended; left out: nobody looks. */
  readonly atRest?: (merchant: MerchantId) => Promise<string[]>;
}

/** A world with workflows. */
export async function wholeWorld(databaseUrl: string, parts: Parts, engine: Engine): Promise<World> {
  const { pool, vault, sandbox, providers } = parts;
  await guardBooks(pool);
  const api = await startTestApi(pool, vault, { engine, providers });
  return { databaseUrl, pool, api, sandbox, advance: null };
}

/**
 * A world without Temporal, many times as fast: the contract is settled where its workflow would be asked to, and its
 * attempts are sent once. Nobody tries again, and of the provider's events only the answers to challenges arrive. The
 * sandbox posts them to `port`.
 */
export async function directWorld(databaseUrl: string, parts: Parts, port: number): Promise<World> {
  const { pool, vault, providers, sandbox } = parts;
  await guardBooks(pool);
  const settleAll = async (contract: string): Promise<void> => {
    let attempt: string | null = null;
    for (let behind = true; behind;) {
      const { standing } = await settle(pool, contract);
      if (standing.incident !== null) throw new Error(`incident ${standing.incident}`);
      ({ behind } = standing);
      attempt = standing.planned?.attemptId ?? null;
    }
    while (attempt !== null) attempt = await chargeOfContract({ pool, providers }, contract, attempt);
  };
  const engine = createEngine({
    pool,
    tryOrder: createCalculator(pool).tryOrder,
    vault,
    providers,
    reach: { apply: settleAll, wake: () => Promise.resolve() },
    deleteClock: () => Promise.resolve(),
  });
  const api = await startTestApi(pool, vault, { engine, providers, port });
  return {
    databaseUrl,
    pool,
    api,
    sandbox: {
      async complete(providerObject, reason) {
        const event = await sandbox.complete(providerObject, reason);
        if (!(await sandbox.deliverSandboxEvent(event))) throw new Error(`${event} was not taken`);
        return event;
      },
    },
    async advance(clock, contracts, to) {
      await moveClock(pool, clock, to);
      for (const contract of contracts) await settleAll(contract);
    },
  };
}
