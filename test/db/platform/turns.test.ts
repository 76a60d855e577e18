import { describe, expect, it } from 'vitest';
import { createPool, inTransaction, onBehalfOf, rows } from '../../../db/platform/pool.ts';
import { Busy } from '../../../db/platform/transient.ts';
import { Turns } from '../../../db/platform/turns.ts';
import { createTestPool } from '../../support/fixtures.ts';

describe('turns', () => {
  it('are handed on in the order of asking, to each as many as may be', async () => {
    const turns = new Turns(1, 10_000);
    const seen: string[] = [];
    const give = await turns.take('a');
    const second = turns.take('a').then((back) => {
      seen.push('second');
      return back;
    });
    const third = turns.take('a').then((back) => {
      seen.push('third');
      return back;
    });
    (await turns.take('b'))();
    expect(seen).toEqual([]);
    give();
    (await second)();
    (await third)();
    expect(seen).toEqual(['second', 'third']);
    (await turns.take('a'))();
  });

  it('are not waited for without end, and who gave up is not called', async () => {
    const turns = new Turns(1, 10);
    const give = await turns.take('a');
    await expect(turns.take('a')).rejects.toBeInstanceOf(Busy);
    give();
    (await turns.take('a'))();
  });
});

it('a merchant whose transactions all wait leaves half of the connections to others', async () => {
  const database = await createTestPool();
  const pool = createPool(database.url, { max: 2 });
  await rows(database.pool, 'create table notes (text text primary key)');
  await rows(database.pool, `insert into notes values ('a')`);
  await inTransaction(database.pool, async (holder) => {
    await rows(holder, 'select from notes for update');
    const waiting = [1, 2, 3].map(() =>
      onBehalfOf('theirs', () => inTransaction(pool, (tx) => rows(tx, 'select from notes for update'))).then(
        () => 'locked',
        () => 'gave up',
      ),
    );
    const ours = onBehalfOf('ours', () => inTransaction(pool, (tx) => rows(tx, 'select 1 as n')));
    expect(await ours).toEqual([{ n: 1 }]);
    await rows(holder, 'select 1');
    void waiting;
  });
  await pool.end();
  await database.close();
});
