// Lives with failures and lives on wall time, for `npm run histories`. A time lapse makes wall time pass, and activities fail
// on request.
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TimeLapse } from '../../bench/lapse.ts';
import { migrate } from '../../db/platform/migrate.ts';
import { rows } from '../support/rows.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import type { Stack } from '../../dev/embedded/stack.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { clockWorkflow, contractWorkflow } from '../../temporal/ids.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { cancel, pause, resume, upgrade } from '../../temporal/messages.ts';
import { type NewCustomer, type OrderRequest, createClient } from '../../client/index.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { startTenorAt } from '../support/tenor-at.ts';

/** Workflows continue as new early, so that a few months make several runs. */
const HISTORY_LIMIT = 40;

/** The activities that fail at their next attempts, by the id of their workflow. */
class Faults {
  readonly #left = new Map<string, { kind: 'local' | 'charge'; times: number }>();

  next(workflowId: string, kind: 'local' | 'charge', times: number): void {
    this.#left.set(workflowId, { kind, times });
  }

  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: (input, next) => {
        const fault = this.#left.get(info.workflowExecution?.workflowId ?? '');
        const hit = fault?.kind === 'local' ? info.isLocal : info.activityType === 'charge';
        if (fault === undefined || fault.times === 0 || !hit) return next(input);
        fault.times -= 1;
        throw ApplicationFailure.nonRetryable('failed on request', 'Fault');
      },
    },
  });
}

/** Runs these lives on a running stack. Returns the ids of their workflows by the names of the histories. */
export async function hardLives(stack: Stack): Promise<Record<string, string>> {
  await migrate(stack.databaseUrl);
  const [lapse, faults] = [new TimeLapse(), new Faults()];
  const places = { ...stack, temporalConnection: null, apiUrl: `http://127.0.0.1:${await pickPort()}` };
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection, namespace: stack.temporalNamespace });
  const tenor = await startTenorAt(places, client, {
    historyLimit: HISTORY_LIMIT,
    interceptors: { activity: [faults.interceptor, lapse.interceptor] },
    mostAheadMs: Number.POSITIVE_INFINITY,
  });
  try {
    const { pool } = tenor.parts;
    const { test } = await createMerchant(pool, 'Wolkenwerk');
    const { key } = await createApiKey(pool, test, 'histories', ['admin']);
    const api = createClient({ baseUrl: tenor.apiUrl, apiKey: key });
    await createCatalogue(api);
    const order = async (
      token: string,
      more: Partial<OrderRequest> = {},
      customer: Partial<NewCustomer> = {},
    ): Promise<string> => {
      const home = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin' };
      const { contract } = await api.post('/v1/orders', {
        body: {
          customer: { ...home, ...customer },
          variant: 'pro-monthly',
          payment_method: { provider: 'sandbox', token },
          ...more,
        },
      });
      return contract;
    };
    const until = async (sql: string, params: unknown[], n: number): Promise<void> => {
      for (let found = -1; found !== n;) found = (await rows<{ n: number }>(pool, sql, params))[0]?.n ?? 0;
    };
    const paid = `select count(*)::int as n from attempts where contract_id = $1 and state = 'succeeded'`;

    const renewed = await order('card', { start: '2190-01-01' });
    const { done } = lapse.begin({ at: Date.now() + 1_000, times: 9, subjects: 1 });
    await createWorkflows(client).wake(contractWorkflow(renewed));
    await done;
    await until(paid, [renewed], 9);

    const signalled = await order('card');
    const handle = client.workflow.getHandle(contractWorkflow(signalled));
    const applied = `select count(*)::int as n from commands where contract_id = $1 and state <> 'pending'`;
    await handle.signal(pause, null);
    await until(applied, [signalled], 2);
    await handle.signal(resume, null);
    await until(applied, [signalled], 3);
    await handle.signal(upgrade, { variant: 'basic-monthly', effective: 'now' });
    await until(applied, [signalled], 4);
    await handle.cancel(); // as the button of the UI does, which ends nothing
    await handle.signal(cancel, null);
    await until(applied, [signalled], 5);

    const elsewhere = await order('card');
    faults.next(contractWorkflow(elsewhere), 'local', 2);
    for (const kind of ['pause', 'resume'] as const)
      await api.post('/v1/contracts/{id}/commands', { id: elsewhere, body: { kind, effective: 'now' } });

    const free = await order('card', { variant: 'free' });
    faults.next(contractWorkflow(free), 'charge', 1);
    const { data } = await api.get('/v1/tax-policies');
    const once = {
      contract: free,
      text: 'Workshop',
      unit_price: '100.00',
      currency: 'EUR',
      price_mode: 'net',
    } as const;
    for (let n = 0; n < 15; n++)
      await api.post('/v1/one-time-charges', {
        body: { ...once, tax_policy: data[0]?.id ?? '', bill: 'now' },
      });
    await until(paid, [free], 14);

    const clock = await api.post('/v1/test-clocks', { body: { name: 'C', at: '2024-01-01T09:00:00Z' } });
    const clocked = await order('card', {}, { clock: clock.id });
    await api.post('/v1/test-clocks/{id}/advance', {
      id: clock.id,
      body: { to: '2024-04-01T09:00:00Z' },
    });
    await until(
      `select count(*)::int as n from test_clocks where id = $1 and status = 'ready'`,
      [clock.id],
      1,
    );

    return {
      renewed: contractWorkflow(renewed),
      signalled: contractWorkflow(signalled),
      elsewhere: contractWorkflow(elsewhere),
      charges: contractWorkflow(free),
      clocked: contractWorkflow(clocked),
      clock: clockWorkflow(clock.id),
    };
  } finally {
    await tenor.stop();
    await connection.close();
  }
}
