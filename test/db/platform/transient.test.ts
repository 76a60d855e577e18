// Transient errors are retried and open no incident. They are the errors that are not certainly a fault of Tenor.
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction, type Pool, createPool } from '../../../db/platform/pool.ts';
import { preparedRows, rows } from '../../support/rows.ts';
import { FAULTS, OutOfTime, faultOf, isTransient } from '../../../db/platform/transient.ts';
import { createSampleMerchant, order, settle } from '../../support/merchant.ts';
import { createTestPool } from '../../support/fixtures.ts';

const failed = (code: string, message = 'failed'): Error => Object.assign(new Error(message), { code });
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe('an error', () => {
  it.each(Object.entries(FAULTS))('with the code %s is retried: %s', (code, fault) => {
    expect(faultOf(failed(code))).toBe(fault);
    expect(isTransient(failed(code))).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ])('without a code is retried if the driver reports: %s', (message) => {
    expect(faultOf(new Error(message))).toBe('unavailable');
  });

  it('for exceeding a time limit is retried', () => {
    expect(isTransient(new OutOfTime())).toBe(true);
  });

  it.each([
    ['23505', 'a row that already exists'],
    ['22003', 'a number out of range'],
    ['42P01', 'a table that does not exist'],
    ['42501', 'a missing right'],
    ['08P01', 'a statement with too many parameters'],
    ['P0001', 'a refusal by our own triggers'],
  ])('with the code %s is not retried: %s', (code) => {
    expect(isTransient(failed(code))).toBe(false);
  });

  it('for an unsupported feature is not retried, unless a plan has changed', () => {
    expect(isTransient(failed('0A000', 'cannot do that'))).toBe(false);
    expect(faultOf(failed('0A000', 'cached plan must not change result type'))).toBe('replan');
  });

  it.each([new Error('boom'), 'boom', null])('of our own code is not retried: %s', (error) => {
    expect(isTransient(error)).toBe(false);
  });
});

describe('with a real database', () => {
  let database: Awaited<ReturnType<typeof createTestPool>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await createTestPool();
    pool = database.pool;
  });
  afterAll(() => database.close());

  it('an unknown host name is retried', async () => {
    const unknownHost = createPool('postgres://nobody@tenor.invalid:5432/none');
    const error = await errorOf(rows(unknownHost, 'select 1'));
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain((error as { code?: string }).code);
    expect(isTransient(error)).toBe(true);
    await unknownHost.end();
  });

  it('a statement whose plan a migration changed is retried on another connection', async () => {
    const one = createPool(database.url, { max: 1 });
    const read = (): Promise<unknown> =>
      inTransaction(one, (tx) => preparedRows(tx, 'select * from changing'));
    await rows(one, 'create table changing (a int)');
    await read();
    await rows(pool, 'alter table changing add column b text');
    const error = await errorOf(read());
    expect(error).toBeInstanceOf(DatabaseError);
    expect(faultOf(error)).toBe('replan');
    expect(await read()).toEqual([]);
    await one.end();
  });

  it('a contract on a read-only database gets no incident, and is billed when the database is writable', async () => {
    const merchant = await createSampleMerchant(pool);
    const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
    const { contractId } = await order(pool, merchant, { customer, variant: 'pro', components: [] });
    const name = new URL(database.url).pathname.slice(1);
    await rows(pool, `alter database ${name} set default_transaction_read_only = on`);
    const replica = createPool(database.url, { max: 2 });
    const error = await errorOf(settle(replica, contractId));
    expect(error).toMatchObject({ code: '25006' });
    expect(isTransient(error)).toBe(true);
    await replica.end();
    await rows(pool, `alter database ${name} reset default_transaction_read_only`);
    expect(await rows(pool, 'select id from incidents')).toEqual([]);
    expect((await settle(pool, contractId)).standing.incident).toBeNull();
    const documents = await rows(pool, 'select number is not null as numbered from documents');
    expect(documents).toEqual([{ numbered: true }]);
  });
});
