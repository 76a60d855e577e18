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

/** The system that lives are run on: a database with an API, with workflows or without them. */
export interface World {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly api: Pick<TestApi, 'errors' | 'caller' | 'stop'>;
  /** Answers challenges as the customer. */
  readonly sandbox: Pick<Sandbox, 'complete'>;
  /** Advances a clock. Null: the API advances it through its workflow. */
  readonly advance: ((clock: string, contracts: readonly string[], to: string) => Promise<void>) | null;
  /** Findings of work that is undone or was done twice when a life of the merchant has ended. Left out: no check. */
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
 * A world without Temporal, which is many times as fast. Contracts are settled directly, in place of their workflows.
 * Attempts are sent once and not tried again. Of the provider's events, only answers to challenges arrive: the sandbox posts
 * them to `port`.
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
    workflows: { apply: settleAll, wake: () => Promise.resolve() },
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
        if (!(await sandbox.deliverSandboxEvent(event))) throw new Error(`${event} was not delivered`);
        return event;
      },
    },
    async advance(clock, contracts, to) {
      await moveClock(pool, clock, to);
      for (const contract of contracts) await settleAll(contract);
    },
  };
}
