import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AT_REST, type Finding, findingsIn } from '../../../db/audit/audit.ts';
import { AuditUnderWay, auditInSlices } from '../../../db/audit/in-slices.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, order, settle } from '../../support/merchant.ts';

const CUSTOMER = { party: { name: 'Nordlicht' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let clock: string;
const contracts: string[] = [];

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  for (let n = 0; n < 60; n++) {
    const { contractId } = await order(pool, merchant, {
      customer: { ...CUSTOMER, clock },
      components: [],
      variant: 'pro',
    });
    contracts.push(contractId);
    await settle(pool, contractId);
  }
  await moveClock(pool, clock, '2024-05-15T08:00:00.000Z');
  for (const contract of contracts) await settle(pool, contract);
});
afterAll(() => database.close());
beforeEach(() => rows(pool, 'truncate audit_findings, audit_runs'));

async function runAudit(options = { anew: false }): Promise<Finding[]> {
  const list: Finding[] = [];
  for await (const { findings } of auditInSlices(pool, { ...options, patience: AT_REST }))
    list.push(...findings);
  return list;
}

/** The open transactions of the audit. */
const open = (): Promise<unknown[]> =>
  rows(
    pool,
    `select state, backend_xmin from pg_stat_activity
     where datname = current_database() and application_name = 'tenor-audit' and (backend_xmin is not null or xact_start is not null)`,
  );

/** Runs statements without triggers, as only a fault or an administrator could. */
async function corrupt(...statements: string[]): Promise<void> {
  const client = await pool.connect();
  await client.query(`begin; set local session_replication_role = replica; ${statements.join(';')}; commit`);
  client.release();
}

describe('an audit in slices', () => {
  it('has no transaction open between two slices, so that it never delays a vacuum', async () => {
    let slices = 0;
    for await (const { done } of auditInSlices(pool, { anew: false, patience: AT_REST })) {
      slices = done;
      expect(await open()).toEqual([]);
    }
    // 60 contracts in two slices, 300 documents in two slices for two checks, and eighteen tables in one slice each.
    expect(slices).toBeGreaterThan(20);
  });

  it('reports how many of all slices are read', async () => {
    const steps: string[] = [];
    await rows(pool, 'analyze');
    for await (const { done, of } of auditInSlices(pool, { anew: false })) steps.push(`${done}/${of}`);
    const [last] = steps.slice(-1);
    expect(steps[0]).toBe(`1/${steps.length}`);
    expect(last).toBe(`${steps.length}/${steps.length}`);
  });

  it('finds nothing wrong while a contract is billed between any two of its slices', async () => {
    await moveClock(pool, clock, '2024-06-01T08:00:00.000Z');
    const due = [...contracts];
    const list: Finding[] = [];
    for await (const { findings } of auditInSlices(pool, { anew: false })) {
      list.push(...findings);
      const next = due.shift();
      if (next !== undefined) await settle(pool, next);
    }
    expect(list).toEqual([]);
    expect(due.length).toBeLessThan(40);
    for (const contract of due) await settle(pool, contract);
  });

  it('finds nothing wrong while contracts are billed at the same time, in any number of runs', async () => {
    await moveClock(pool, clock, '2024-07-01T08:00:00.000Z');
    const billing = (async () => {
      for (const contract of contracts) await settle(pool, contract);
      return true;
    })();
    const list: Finding[] = [];
    for (let billed = false; !billed;) {
      for await (const { findings } of auditInSlices(pool, { anew: false })) list.push(...findings);
      billed = await Promise.race([billing, Promise.resolve(false)]);
    }
    expect(list).toEqual([]);
  });

  it('does not make document numbers slower: taking one reads as many pages as without the audit', async () => {
    const NUMBER = `insert into series_counters as k (merchant_id, issuer_id, kind, period_key, last_counter)
      select merchant_id, issuer_id, kind, 'later', 1 from number_series where kind = 'invoice'
      on conflict (merchant_id, issuer_id, kind, clock_id, period_key) do update set last_counter = k.last_counter + 1`;
    const pages = async (): Promise<number> => {
      for (let n = 0; n < 100; n++) await rows(pool, NUMBER);
      const [plan] = await rows<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
        pool,
        `explain (analyze, buffers, format json) ${NUMBER}`,
      );
      return plan?.['QUERY PLAN'][0]?.Plan['Shared Hit Blocks'] ?? 0;
    };
    const alone = await pages();
    const meanwhile: number[] = [];
    for await (const { done } of auditInSlices(pool, { anew: false })) meanwhile[done] = await pages();
    // With one snapshot for the whole audit, it would be 51 pages after 3,000 numbers. Autovacuum may keep some for a moment.
    expect(Math.min(...meanwhile.slice(-5))).toBeLessThanOrEqual(alone + 2);
    await corrupt(`delete from series_counters where period_key = 'later'`);
  });

  it('does not begin while another audit is under way', async () => {
    const first = auditInSlices(pool, { anew: false });
    await first.next();
    await expect(auditInSlices(pool, { anew: false }).next()).rejects.toThrow(AuditUnderWay);
    await first.return(undefined);
    expect(await runAudit()).toEqual([]);
  });
});

describe('an audit that was interrupted', () => {
  /** Reads nine slices and stops. Returns the number of the last one. */
  async function interruptAudit(): Promise<number> {
    for await (const { done } of auditInSlices(pool, { anew: false })) if (done === 9) return done;
    return 0;
  }

  async function firstDone(options: { anew: boolean }): Promise<number> {
    for await (const { done } of auditInSlices(pool, options)) return done;
    return 0;
  }

  it('continues after the last slice that it has read', async () => {
    await interruptAudit();
    expect(await firstDone({ anew: false })).toBe(10);
  });

  it('starts over if it is asked to', async () => {
    await interruptAudit();
    expect(await firstDone({ anew: true })).toBe(1);
  });

  it('starts over after a day, with other checks, or if a later audit has ended', async () => {
    for (const change of [
      `moved_at = clock_timestamp() - interval '25 hours'`,
      `checks = array_remove(checks, 'metered')`,
    ]) {
      await interruptAudit();
      await rows(pool, `update audit_runs set ${change}`);
      expect(await firstDone({ anew: false }), change).toBe(1);
    }
    await runAudit({ anew: true });
    expect(await firstDone({ anew: false })).toBe(1);
  });
});

it('a gap in the numbers between two slices is found once', async () => {
  const client = await pool.connect();
  try {
    await client.query(
      'begin; set local session_replication_role = replica; delete from documents where counter = 201',
    );
    const gaps: string[] = [];
    for await (const { check, message } of findingsIn(client)) if (check === 'series_gap') gaps.push(message);
    expect(gaps).toEqual([
      expect.stringMatching(/^number 202 follows 200 in invoice of iss_\w+ on clk_\w+$/),
    ]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

describe('tenor audit', () => {
  /** Runs the command as an operator does. */
  function start(): {
    child: ChildProcess;
    ended: Promise<{ code: number | null; out: string[]; err: string }>;
  } {
    const child = spawn(
      process.execPath,
      [resolve('node_modules/tsx/dist/cli.mjs'), resolve('cli/tenor.ts'), 'audit'],
      {
        env: { DATABASE_URL: database.url },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return {
      child,
      ended: output.then(([out, err]) => ({ code: child.exitCode, out: out.trim().split('\n').sort(), err })),
    };
  }

  it('ends with exit code 0 for clean books', async () => {
    expect(await start().ended).toEqual({
      code: 0,
      out: ['No findings: the books are in order.'],
      err: expect.stringMatching(/^(\d+) of \1 slices read\.$/m),
    });
  });

  it(
    'continues after it was killed, and reports the same findings as an audit that was not',
    { timeout: 240_000 },
    async () => {
      const first = `(select min(id) from receivables)`;
      await corrupt(
        `update receivables set open_minor = open_minor - 1 where id = ${first}`,
        `delete from documents where counter = 3`,
        `update charges set amount_minor = amount_minor + 1 where id = (select max(id) from charges)`,
        `insert into incidents (merchant_id, id, workflow_id, step, error)
         select live_merchant_id, 'inc_1', 'contract/x', 'settle', 'no rate' from merchants where id = '${merchant}'`,
        // Nobody is woken for an incident of a test merchant.
        `insert into incidents (merchant_id, id, workflow_id, step, error) values ('${merchant}', 'inc_2', 'contract/y', 'settle', 'no rate')`,
      );
      const inOneGo = await start().ended;
      expect(inOneGo.code).toBe(1);
      expect(inOneGo.out.join('\n')).toMatch(
        /derivation_differs(.|\n)*incident_open(.|\n)*open_differs(.|\n)*series_gap/,
      );
      expect(inOneGo.out.join('\n')).not.toContain('inc_2');
      await rows(pool, 'truncate audit_findings, audit_runs');

      const other = await pool.connect();
      await other.query(
        'begin; set local idle_in_transaction_session_timeout = 0; lock table one_time_charges in access exclusive mode',
      );
      const { child, ended } = start();
      await vi.waitFor(
        async () => {
          const waiting = await rows(
            pool,
            `select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.application_name = 'tenor-audit'
             and a.datname = current_database()`,
          );
          expect(waiting).toHaveLength(1);
        },
        { timeout: 100_000, interval: 20 },
      );
      process.kill(-child.pid!, 'SIGKILL');
      expect((await ended).out.join('\n')).not.toContain('incident_open');
      await other.query('rollback');
      other.release();

      const resumed = await vi.waitUntil(
        async () => {
          const again = await start().ended;
          return again.err.includes('another audit is under way') ? null : again;
        },
        { timeout: 50_000 },
      );
      expect(resumed.err).toContain('Continuing the audit of ');
      expect({ code: resumed.code, out: resumed.out }).toEqual({ code: 1, out: inOneGo.out });
      expect(await rows(pool, 'select ended_at is not null as ended from audit_runs')).toEqual([
        { ended: true },
      ]);
    },
  );
});
