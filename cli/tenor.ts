import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { createReach } from '../activities/reach.ts';
import { profileOf, temporalClient } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createApiKey, createMerchant } from '../db/merchants.ts';
import { createPool, type Pool } from '../db/pool.ts';
import { runAudit } from './audit.ts';
import { demo } from './demo/run.ts';
import { readLock } from './embedded/lock.ts';
import { runInForeground } from './foreground.ts';
import { runRepair } from './repair.ts';

const program = new Command('tenor').description(
  'Subscription billing where every contract is one durable Temporal workflow',
);

program
  .command('start')
  .description('start Postgres, Temporal, API and worker, with everything kept in one folder')
  .action(async () => exitWith(await runInForeground(loadConfig())));

program
  .command('demo')
  .description('live a year of a subscription business on a test clock, and check every cent')
  .action(async () => exitWith(await demo()));

program
  .command('merchant')
  .argument('<name>')
  .description('make a merchant with its test merchant, and a key for each')
  .action(async (name: string) => {
    const config = loadConfig();
    const databaseUrl = config.databaseUrl ?? readLock(config.home)?.addresses['databaseUrl'];
    if (databaseUrl === undefined) throw new Error('Tenor does not run here; start it, or set DATABASE_URL');
    const pool = createPool(databaseUrl, { max: 1 });
    const { live, test } = await createMerchant(pool, name);
    for (const merchant of [live, test]) {
      const { key } = await createApiKey(pool, merchant, 'first key', ['read', 'write', 'admin']);
      console.log(`${merchant}  ${key}`);
    }
    await pool.end();
  });

program
  .command('audit')
  .description('name by id what is wrong in the books, from the database alone')
  .action(() => withPlaces(({ pool }) => runAudit(pool, console.log)));

program
  .command('repair')
  .option('--dry-run', 'only show what is missing or late', false)
  .description('mend what Temporal lacks or has late, from Postgres')
  .action(({ dryRun }: { dryRun: boolean }) =>
    withPlaces(({ pool, client }) =>
      runRepair({ pool, reach: createReach(client) }, { dryRun }, console.log),
    ),
  );

/** Runs a command on the instance that runs here, or else on the places that the configuration names. */
async function withPlaces(work: (on: { pool: Pool; client: Client }) => Promise<number>): Promise<void> {
  const config = loadConfig();
  const { databaseUrl, temporalAddress, temporalNamespace } = readLock(config.home)?.addresses ?? {};
  const url = config.databaseUrl ?? databaseUrl;
  const address = config.temporalAddress ?? temporalAddress;
  if (url === undefined || address === undefined) {
    throw new Error('Tenor does not run here; start it, or set DATABASE_URL and TEMPORAL_ADDRESS');
  }
  const pool = createPool(url, { max: 4, name: 'tenor-cli' });
  const client = temporalClient({
    temporalAddress: address,
    temporalNamespace: temporalNamespace ?? config.temporalNamespace,
    temporalConnection: profileOf(config),
  });
  try {
    exitWith(await work({ pool, client }));
  } finally {
    await pool.end();
    await client.connection.close();
  }
}

function exitWith(code: number): void {
  process.exitCode = code;
}

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
