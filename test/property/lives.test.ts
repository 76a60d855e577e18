import { expect, test } from 'vitest';
import { PureBackend } from '../sim/pure/pure.ts';
import { liveSeed } from '../sim/seeded.ts';

test('what random lives are billed is what an independent model says, line by line (rules 1 to 27)', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { wrong, shortest } = await liveSeed((setting, use) => use(new PureBackend(setting)), seed, 50);
    expect(wrong, `seed ${seed}: ${JSON.stringify(shortest)}`).toEqual([]);
  }
});
