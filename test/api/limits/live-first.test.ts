// Live merchants are served before test merchants while a process is short of connections.
import { describe, expect, it } from 'vitest';
import { LiveFirst } from '../../../api/limits/live-first.ts';

describe('while the process is short of connections', () => {
  const refusal = expect.objectContaining({ code: 'too_many_requests', limit: 'test_merchants' });

  it('a request of a test merchant waits, one of a live merchant does not', async () => {
    const entered: string[] = [];
    const door = new LiveFirst(() => true);
    const enter = async (mode: 'live' | 'test', name: string): Promise<() => void> => {
      const leave = await door.enter(mode);
      entered.push(name);
      return leave;
    };
    const first = await enter('test', 'test alone');
    const waiting = [enter('test', 'test 2'), enter('test', 'test 3')];
    const live = await enter('live', 'live');
    expect(entered).toEqual(['test alone', 'live']);
    first();
    live();
    (await waiting[0]!)();
    (await waiting[1]!)();
    expect(entered).toEqual(['test alone', 'live', 'test 2', 'test 3']);
  });

  it('a key that is none of ours waits as those of test merchants', async () => {
    const door = new LiveFirst(() => true, { waiting: 0, patienceMs: 1 });
    await door.enter('live');
    await expect(door.enter('unknown')).rejects.toEqual(refusal);
  });

  it('so many wait, for so long, and the others are refused', async () => {
    const door = new LiveFirst(() => true, { waiting: 1, patienceMs: 5 });
    const leave = await door.enter('live');
    const waits = door.enter('test');
    await expect(door.enter('test')).rejects.toEqual(refusal);
    await expect(waits).rejects.toEqual(refusal);
    leave();
    await door.enter('test');
  });
});

it('all that wait are let in when the process is no longer short, though few requests end', async () => {
  let short = true;
  const door = new LiveFirst(() => short);
  const [over] = [await door.enter('live'), await door.enter('live')];
  const waiting = [door.enter('test'), door.enter('test'), door.enter('test')];
  short = false;
  over();
  await Promise.all(waiting);
});
