import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../engine/requests.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { row, rows } from '../support/rows.ts';
import { createClock, createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let merchant: MerchantId;

beforeAll(async () => {
  tenor = await startTestTenor();
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(() => tenor.stop());

const call = { actor: 'api:test', claim: null };

function customer(clock?: string): OrderRequest['customer'] {
  return {
    party: { name: 'Nordlicht Software GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    language: 'de',
    ...(clock === undefined ? {} : { clock }),
  };
}

async function order(clock: string | undefined, more: Partial<OrderRequest> = {}): Promise<string> {
  const { contractId, commandId } = await tenor.engine.order(
    merchant,
    {
      customer: customer(clock),
      variant: 'pro',
      components: [],
      payment_method: { provider: 'sandbox', token: 'card' },
      ...more,
    },
    call,
  );
  expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });
  return contractId;
}

interface ClockRow {
  readonly status: string;
  readonly now_at: string;
  readonly problem: string | null;
  readonly steps: number;
}

/** Advances the clock, and reads its row until the clock is no longer advancing. */
async function advance(clockId: string, to: string): Promise<ClockRow> {
  await tenor.engine.advanceClock(merchant, clockId, to);
  const readClock = (): Promise<ClockRow> =>
    row<ClockRow>(
      tenor.parts.pool,
      'select status, now_at, problem, steps from test_clocks where merchant_id = $1 and id = $2',
      [merchant, clockId],
    );
  await expect
    .poll(async () => (await readClock()).status, { timeout: 50_000, interval: 10 })
    .not.toBe('advancing');
  return readClock();
}

const ready = (now_at: string) => ({ status: 'ready', now_at, problem: null });

describe('a test clock', () => {
  it('stops at every instant of its agenda, in order, and is ready when everything has settled (rule 44)', async () => {
    const clock = await createClock(tenor.parts.pool, merchant, '2024-01-31T09:00:00.000Z');
    const first = await order(clock);
    const second = await order(clock, { start: '2024-02-15' });
    expect(await advance(clock, '2024-04-30T12:00:00.000Z')).toEqual({
      ...ready('2024-04-30T12:00:00.000Z'),
      steps: 7, // six bills after the one that the order made, and the target
    });
    const bills = (contractId: string): Promise<object[]> =>
      rows(
        tenor.parts.pool,
        `select effective_at as at, gross_minor as gross, (select open_minor from receivables where document_id = d.id) as open
         from documents d where contract_id = $1 order by effective_at`,
        [contractId],
      );
    const paid = (at: string) => ({ at, gross: 11781n, open: 0n });
    expect(await bills(first)).toEqual([
      paid('2024-01-31T09:00:00.000Z'),
      paid('2024-02-28T23:00:00.000Z'),
      paid('2024-03-30T23:00:00.000Z'),
      paid('2024-04-29T22:00:00.000Z'),
    ]);
    expect(await bills(second)).toEqual([
      paid('2024-02-14T23:00:00.000Z'),
      paid('2024-03-14T23:00:00.000Z'),
      paid('2024-04-14T22:00:00.000Z'),
    ]);
    expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  });

  it('delivers events of the provider on their day, and runs collections after them', async () => {
    const clock = await createClock(tenor.parts.pool, merchant, '2024-03-01T10:00:00.000Z');
    const debit = await order(clock, {
      payment_method: { provider: 'sandbox', token: 'debit;pending_days=3' },
    });
    const declined = await order(clock, {
      payment_method: { provider: 'sandbox', token: 'card;decline=insufficient_funds' },
    });
    expect(await advance(clock, '2024-03-20T00:00:00.000Z')).toMatchObject(ready('2024-03-20T00:00:00.000Z'));
    const attempts = (contractId: string): Promise<object[]> =>
      rows(
        tenor.parts.pool,
        `select n, state, sent_at as sent, decided_at as decided from attempts where contract_id = $1 order by n`,
        [contractId],
      );
    expect(await attempts(debit)).toEqual([
      { n: 1, state: 'succeeded', sent: '2024-03-01T10:00:00.000Z', decided: '2024-03-04T10:00:00.000Z' },
    ]);
    expect(await attempts(declined)).toEqual([
      { n: 1, state: 'declined', sent: '2024-03-01T10:00:00.000Z', decided: '2024-03-01T10:00:00.000Z' },
      { n: 2, state: 'declined', sent: '2024-03-04T10:00:00.000Z', decided: '2024-03-04T10:00:00.000Z' },
      { n: 3, state: 'declined', sent: '2024-03-08T10:00:00.000Z', decided: '2024-03-08T10:00:00.000Z' },
    ]);
    expect(
      await rows(tenor.parts.pool, 'select phase, pause_reasons from contracts where id = $1', [declined]),
    ).toEqual([{ phase: 'inactive', pause_reasons: ['dunning'] }]);
    expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  });

  it('refuses to go back, to advance by more than two years, and to advance twice at once', async () => {
    const clock = await createClock(tenor.parts.pool, merchant, '2024-03-01T10:00:00.000Z');
    const refused = (to: string): Promise<unknown> => tenor.engine.advanceClock(merchant, clock, to);
    await expect(refused('2024-03-01T09:59:59.999Z')).rejects.toMatchObject({ code: 'clock_backwards' });
    await expect(refused('2026-03-03T10:00:00.000Z')).rejects.toMatchObject({ code: 'clock_too_far' });
    await expect(
      tenor.engine.advanceClock(merchant, 'clk_x', '2024-04-01T00:00:00.000Z'),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    const once = await Promise.allSettled([
      refused('2025-03-01T00:00:00.000Z'),
      refused('2025-03-01T00:00:00.000Z'),
    ]);
    const [lost] = once.filter((each) => each.status === 'rejected');
    expect(lost?.reason ?? { code: 'clock_advancing' }).toMatchObject({ code: 'clock_advancing' });
  });

  it('is stuck at an incident, names it, and goes on once the cause is removed (rule 41)', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-05-10T10:00:00.000Z');
    const healthy = await order(clock);
    const broken = await order(clock, {
      customer: { ...(customer(clock) as object), country: 'LU' } as OrderRequest['customer'],
    });
    const setRate = async (validFrom: string): Promise<void> => {
      const client = await pool.connect();
      await client.query(
        `begin; set local session_replication_role = replica;
         update tax_rates set valid_from = '${validFrom}' where merchant_id = '${merchant}' and country = 'LU'; commit`,
      );
      client.release();
    };
    await setRate('2090-01-01');
    const stuck = await advance(clock, '2024-08-01T00:00:00.000Z');
    const { id } = await row<{ id: string }>(
      pool,
      'select id from incidents where workflow_id = $1 and closed_at is null',
      [`contract/${broken}`],
    );
    expect(stuck).toMatchObject({ status: 'stuck', now_at: '2024-06-09T22:00:00.000Z' });
    expect(stuck.problem).toContain(`incident ${id} of contract/${broken}`);
    const bills = (contractId: string): Promise<object[]> =>
      rows(pool, 'select issue_date from documents where contract_id = $1 order by 1', [contractId]);
    expect(await bills(healthy)).toHaveLength(2);
    expect(await bills(broken)).toHaveLength(1);
    await setRate('2020-01-01');
    expect(await advance(clock, '2024-08-01T00:00:00.000Z')).toMatchObject(ready('2024-08-01T00:00:00.000Z'));
    expect(await bills(healthy)).toHaveLength(3);
    expect(await bills(broken)).toHaveLength(3);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });

  it('is deleted with all rows of its customers, and no other row', async () => {
    const { pool } = tenor.parts;
    const wall = await order(undefined);
    await expect
      .poll(() => rows(pool, 'select state from attempts where contract_id = $1', [wall]), { interval: 10 })
      .toEqual([{ state: 'succeeded' }]);
    const before = await everything();
    const clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const contract = await order(clock, { components: [{ component: 'seat', quantity: '2' }] });
    await order(clock, { payment_method: { provider: 'sandbox', token: 'card;chargeback_days=5' } });
    await order(clock, { payment_method: { provider: 'sandbox', token: 'card;decline=do_not_honor' } });
    expect(await advance(clock, '2024-04-01T00:00:00.000Z')).toMatchObject(ready('2024-04-01T00:00:00.000Z'));
    expect(await everything()).not.toEqual(before);
    await tenor.engine.deleteClock(merchant, clock);
    expect(await everything()).toEqual(before);
    const { status } = await tenor.client.workflow.getHandle(`contract/${contract}`).describe();
    expect(status.name).toBe('TERMINATED');
    await expect(tenor.engine.deleteClock(merchant, clock)).rejects.toMatchObject({ code: 'not_found' });
    expect(await audit(pool, AT_REST)).toEqual([]);
  });
});

/** A digest of the rows of each table. Of the outbox, it covers only messages of a clock that wait or are dead. */
async function everything(): Promise<Record<string, string>> {
  const { pool } = tenor.parts;
  const tables = await rows<{ name: string }>(
    pool,
    `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('public', 'sandbox') order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const only =
      name === 'public.outbox' ? `where clock_id is not null and state in ('waiting', 'dead')` : '';
    const { digest } = await row<{ digest: string }>(
      pool,
      `select count(*) || ' ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as digest from ${name} t ${only}`,
    );
    digests[name] = digest;
  }
  return digests;
}
