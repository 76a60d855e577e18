// Random lives through the API on test clocks, with real workflows. `npm run sim` runs more of them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inParallel } from '../../engine/platform/in-parallel.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';
import { type World, wholeWorld } from './servers.ts';
import { throughApi } from './through-api.ts';
import { liveSeed } from './seeded.ts';

/** As many steps as fit into a minute and a half on four cores. */
const STEPS = 12;
const SIDE_BY_SIDE = 6;

let tenor: TestTenor;
let world: World;

beforeAll(async () => {
  tenor = await startTestTenor();
  world = await wholeWorld(tenor.databaseUrl, tenor.parts, tenor.engine);
});
afterAll(async () => {
  expect(world.api.errors).toEqual([]);
  await world.api.stop();
  await tenor.stop();
});

test('random lives are billed to the cent as an independent model says, and the audit finds nothing after any step', async () => {
  const fresh = Date.now() % 1_000_000_000;
  console.info(`twenty fixed seeds, and ${fresh}`);
  const seeds = [...Array.from({ length: 20 }, (_, n) => n + 1), fresh];
  let lines = 0;
  await inParallel(seeds, SIDE_BY_SIDE, async (seed) => {
    const outcome = await liveSeed(throughApi(world), seed, STEPS);
    lines += outcome.lines;
    expect(outcome.wrong, `seed ${seed}: ${JSON.stringify(outcome.shortest)}`).toEqual([]);
  });
  expect(lines).toBeGreaterThan(100);
}, 300_000);
