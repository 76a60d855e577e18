import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// There are five projects. `pure` needs no server. The tests of `embedded` start their own servers. Those of `servers` share one
// Postgres and one Temporal server, which test/support/global-setup.ts starts. `peers` installs and runs third-party programs,
// and `large` makes books of a million rows: both are not part of `npm test`. `vitest --project pure` runs one project alone.
const PURE = [
  'bench',
  'client',
  'documents',
  'domain',
  'house',
  'mail',
  'property',
  'relay',
  'telemetry',
  'temporal',
];
/** The tests of the simulation's independent model. */
const MODEL = 'test/sim/model*.test.ts';
const timeouts = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
    projects: [
      {
        test: {
          name: 'pure',
          include: [...PURE.map((tier) => `test/${tier}/**/*.test.ts`), MODEL],
          ...timeouts,
        },
      },
      {
        test: {
          name: 'embedded',
          include: ['cli', 'served'].map((tier) => `test/${tier}/**/*.test.ts`),
          ...timeouts,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'large',
          include: ['test/large/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/**/*.test.ts'],
          exclude: [...['cli', 'served', 'peers', 'large', ...PURE].map((tier) => `test/${tier}/**`), MODEL],
          globalSetup: ['test/support/global-setup.ts'],
          ...timeouts,
        },
      },
    ],
  },
});
