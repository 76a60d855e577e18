import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Four projects: `pure` needs no server and starts none, `embedded` starts its own, `servers` shares one Postgres
// and one Temporal that test/support/global-setup.ts starts; `peers` asks programs of others, which it installs, and is
// no part of `npm test`. `vitest --project pure` runs one alone.
const PURE = ['bench', 'documents', 'domain', 'house', 'property', 'telemetry', 'temporal'];
/** The stories of the independent model. */
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
          name: 'servers',
          include: ['test/**/*.test.ts'],
          exclude: [...['cli', 'served', 'peers', ...PURE].map((tier) => `test/${tier}/**`), MODEL],
          globalSetup: ['test/support/global-setup.ts'],
          ...timeouts,
        },
      },
    ],
  },
});
