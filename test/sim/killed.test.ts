// Random lives through two APIs and two workers that run as processes and are killed in the middle of their work. `npm run
// sim -- --killed` runs more of them.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { inParallel } from '../../engine/platform/in-parallel.ts';
import { makeImage } from '../served/image.ts';
import { type TestDatabase, createTestDatabase } from '../support/database.ts';
import { type TestNamespace, createTestNamespace } from '../support/temporal.ts';
import { type KilledWorld, killedWorld } from './killed/world.ts';
import { liveSeed } from './seeded.ts';
import { throughApi } from './through-api.ts';

const SEEDS = [3, 5];
const STEPS = 10;
/** The first faults of the seed 38, by the number of the request. */
const FAULTS = [
  'request 8: api 0 gets SIGKILL after 50 ms',
  'request 14: worker 0 gets SIGKILL after 138 ms',
  'request 18: api 1 gets SIGKILL after 181 ms',
  'request 23: worker 1 kills itself at charge:sent',
  'request 31: worker 1 gets SIGKILL after 176 ms',
];

const image = temporaryDataDir('tenor-killed-');
let database: TestDatabase;
let temporal: TestNamespace;
let world: KilledWorld;

beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace(), makeImage(image)]);
  const places = {
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
  };
  world = await killedWorld({ image, places, seed: 38, pace: { least: 4, most: 8 } });
}, 240_000);
afterAll(async () => {
  await world.api.stop();
  await temporal.close();
  await database.drop();
  rmSync(image, { recursive: true });
  expect(world.api.errors).toEqual([]);
});

test('random lives are billed as the model says, and nothing is done twice or left undone, although APIs and workers are killed', async () => {
  await inParallel(SEEDS, SEEDS.length, async (seed) => {
    const { wrong, plan } = await liveSeed(throughApi(world), seed, STEPS, { shrinks: false, rests: true });
    expect(wrong, `seed ${seed}: ${JSON.stringify(plan)}`).toEqual([]);
  });
  expect(world.faults.slice(0, FAULTS.length)).toEqual(FAULTS);
}, 240_000);
