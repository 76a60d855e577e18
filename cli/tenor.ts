import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { createApiKey, createMerchant } from '../db/merchants.ts';
import { createPool } from '../db/pool.ts';
import { demo } from './demo/run.ts';
import { readLock } from './embedded/lock.ts';
import { runInForeground } from './foreground.ts';

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

function exitWith(code: number): void {
  process.exitCode = code;
}

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
