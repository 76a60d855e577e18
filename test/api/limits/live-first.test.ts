// Live merchants are served before test merchants while a process is short of connections.
import { describe, expect, it } from 'vitest';
import { LiveFirst } from '../../../api/limits/live-first.ts';

describe('while the process is short of connections', () => {
  const refusal = expect.objectContaining({ code: 'too_many_requests', limit: 'test_merchants' });

  it('a request of a test merchant waits, and one of a live merchant does not', async () => {
    const entered: string[] = [];
    const gate = new LiveFirst(() => true);
    const enter = async (mode: 'live' | 'test', name: string): Promise<() => void> => {
      const leave = await gate.enter(mode);
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

  it('a request with an unknown key waits, as those of test merchants do', async () => {
    const gate = new LiveFirst(() => true, { waiting: 0, patienceMs: 1 });
    await gate.enter('live');
    await expect(gate.enter('unknown')).rejects.toEqual(refusal);
  });

  it('one request waits for 5 ms and is then refused, and a second one is refused immediately', async () => {
    const gate = new LiveFirst(() => true, { waiting: 1, patienceMs: 5 });
    const leave = await gate.enter('live');
    const waits = gate.enter('test');
    await expect(gate.enter('test')).rejects.toEqual(refusal);
    await expect(waits).rejects.toEqual(refusal);
    leave();
    await gate.enter('test');
  });
});

it('all waiting requests are admitted when the process is no longer short, although only one request has ended', async () => {
  let short = true;
  const gate = new LiveFirst(() => short);
  const [leave] = [await gate.enter('live'), await gate.enter('live')];
  const waiting = [gate.enter('test'), gate.enter('test'), gate.enter('test')];
  short = false;
  leave();
  await Promise.all(waiting);
});
