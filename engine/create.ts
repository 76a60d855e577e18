import { beginAdvance } from './clocks/clock.ts';
import { answersOf } from '../db/contracts/commands.ts';
import { storeCommand } from './contracts/store-command.ts';
import { inTransaction } from '../db/platform/pool.ts';
import { type MerchantId, newId } from '../db/platform/ids.ts';
import { resolve } from '../db/platform/refs.ts';
import type { Answer, Engine } from './engine.ts';
import { commandBody, effectiveOf } from './contracts/commands.ts';
import { createOneTimeCharge } from './books/one-time.ts';
import { type OrderDeps, order } from './contracts/orders.ts';
import type { Workflows } from '../temporal/client.ts';
import { clockWorkflow } from '../temporal/ids.ts';

export interface EngineDeps extends OrderDeps {
  readonly workflows: Pick<Workflows, 'apply' | 'wake'>;
  readonly deleteClock: Engine['deleteClock'];
  /** Called after a command's commit, before its workflow is asked. */
  readonly onMoment?: (moment: 'command:stored') => void;
}

/** Creates the engine behind the API. It stores a request in Postgres first, and then asks the workflow. */
export function createEngine(deps: EngineDeps): Engine {
  const { pool, workflows } = deps;
  return {
    order: (merchant, request, call) =>
      order(deps, merchant, request, call.actor, {
        before: async (tx) => call.claim?.lock(tx),
        after: async (tx, placed) => call.claim?.store(tx, { ...placed }),
      }),
    command: (merchant, contractId, request, call) =>
      inTransaction(pool, async (tx) => {
        await call.claim?.lock(tx);
        const body = await commandBody(tx, merchant, contractId, request);
        const stored = await storeCommand(tx, merchant, {
          contractId,
          kind: request.kind,
          body,
          effective: effectiveOf(request),
          actor: call.actor,
        });
        await call.claim?.store(tx, { contractId, commandId: stored.commandId });
        return { commandId: stored.commandId };
      }),
    createOneTimeCharge: (merchant, request, call) =>
      inTransaction(pool, async (tx) => {
        const oneTimeId = newId('oneTime');
        // The key is taken first, because the last statement must be the one that takes the document's number.
        await call.claim?.store(tx, { oneTimeId });
        await createOneTimeCharge(tx, merchant, oneTimeId, request);
        return { oneTimeId };
      }),
    ask: (merchant, contractId, commandId) => askFor(deps, merchant, contractId, commandId),
    async advanceClock(merchant, clockId, to, claim = null) {
      await inTransaction(pool, async (tx) => {
        await claim?.store(tx, { clockId });
        await beginAdvance(tx, merchant, clockId, to);
      });
      await workflows.wake(clockWorkflow(clockId)).catch(() => undefined); // the outbox has the wake, too
    },
    deleteClock: deps.deleteClock,
  };
}

/** Asks the workflow to decide a command, then reads the command's row. The row decides the answer, also if asking failed. */
async function askFor(
  deps: EngineDeps,
  merchant: MerchantId,
  contractId: string,
  commandId: string,
): Promise<Answer> {
  await resolve(deps.pool, merchant, 'contract', contractId);
  deps.onMoment?.('command:stored');
  await deps.workflows.apply(contractId, commandId).catch(() => undefined);
  const [found] = await answersOf(deps.pool, merchant, [commandId]);
  if (found === undefined || found.state === 'pending') return { state: 'pending' };
  if (found.state === 'applied') return { state: 'applied' };
  return { state: 'refused', code: found.code ?? 'refused', detail: found.detail ?? '' };
}
