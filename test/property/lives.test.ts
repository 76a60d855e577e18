import { expect, test } from 'vitest';
import { differences } from '../sim/compare.ts';
import { type Plan, invent } from '../sim/invent.ts';
import { bill } from '../sim/model.ts';
import { PureLife } from '../sim/pure.ts';
import { Chance } from '../sim/random.ts';
import { shrink } from '../sim/shrink.ts';

/** What the domain bills in a life that the model does not, or the other way round. */
function differs(plan: Plan): string[] {
  const life = new PureLife(plan);
  if (!life.lives) return [];
  for (const action of plan.actions) life.do(action);
  return differences(life.lines, bill(plan.catalogue, life.life));
}

test('what random lives are billed is what an independent model says, line by line (rules 1 to 27)', async () => {
  for (let seed = 1; seed <= 120; seed++) {
    const plan = invent(seed, 50, new Chance(seed));
    const found = differs(plan);
    if (found.length === 0) continue;
    const shortest = await shrink(plan, (each) => differs(each).length > 0);
    expect(differs(shortest), `seed ${seed}: ${JSON.stringify(shortest)}`).toEqual([]);
  }
});
