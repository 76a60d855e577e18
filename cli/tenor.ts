import type { Client } from '@temporalio/client';
import { Command, Option } from 'commander';
import { createReach } from '../temporal/client.ts';
import { profileOf, temporalClient } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { SCOPES, type Scope, createApiKey, createMerchant } from '../db/parties/merchants.ts';
import { createPool, type Pool } from '../db/platform/pool.ts';
import { runAudit } from './audit.ts';
import { demo } from '../dev/demo/run.ts';
import { readLock } from '../dev/embedded/lock.ts';
import { runInForeground } from './foreground.ts';
import { listKeys, makeKey, revokeKey } from './keys.ts';
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
  .action((name: string) =>
    withBooks(async (pool) => {
      const { live, test } = await createMerchant(pool, name);
      for (const merchant of [live, test]) {
        const { key } = await createApiKey(pool, merchant, 'first key', SCOPES);
        console.log(`${merchant}  ${key}`);
      }
      return 0;
    }),
  );

const key = program.command('key').description('make, list and revoke API keys');
key
  .command('make')
  .argument('<merchant>', 'its id')
  .argument('<name>', 'who it is for')
  .addOption(new Option('--scopes <scopes...>', 'what it may do').choices(SCOPES).default(SCOPES))
  .action((merchant: string, name: string, { scopes }: { scopes: Scope[] }) =>
    withBooks((pool) => makeKey(pool, { merchant, name, scopes }, console.log)),
  );
key.command('list').action(() => withBooks((pool) => listKeys(pool, console.log)));
key
  .command('revoke')
  .argument('<key>', 'its id')
  .action((keyId: string) => withBooks((pool) => revokeKey(pool, keyId, console.log)));

program
  .command('audit')
  .description('name by id what is wrong in the books, from the database alone')
  .action(() => withBooks((pool) => runAudit(pool, console.log)));

program
  .command('repair')
  .option('--dry-run', 'only show what is missing or late', false)
  .description('mend what Temporal lacks or has late, from Postgres')
  .action(({ dryRun }: { dryRun: boolean }) =>
    withBooks((pool) =>
      withTemporal((client) => runRepair({ pool, reach: createReach(client) }, { dryRun }, console.log)),
    ),
  );

/** Runs a command on the database of the instance that runs here, or else on the one that the configuration names. */
async function withBooks(work: (pool: Pool) => Promise<number>): Promise<void> {
  const config = loadConfig();
  const url = config.databaseUrl ?? readLock(config.home)?.addresses['databaseUrl'];
  if (url === undefined) throw new Error('Tenor does not run here: npm start first, or set DATABASE_URL');
  const pool = createPool(url, { max: 4, name: 'tenor-cli' });
  try {
    exitWith(await work(pool));
  } finally {
    await pool.end();
  }
}

/** The same for what needs Temporal, too. */
async function withTemporal(work: (client: Client) => Promise<number>): Promise<number> {
  const config = loadConfig();
  const { temporalAddress, temporalNamespace } = readLock(config.home)?.addresses ?? {};
  const address = config.temporalAddress ?? temporalAddress;
  if (address === undefined)
    throw new Error('Tenor does not run here: npm start first, or set TEMPORAL_ADDRESS');
  const client = temporalClient({
    temporalAddress: address,
    temporalNamespace: temporalNamespace ?? config.temporalNamespace,
    temporalConnection: profileOf(config),
  });
  try {
    return await work(client);
  } finally {
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
