import { Client } from '@temporalio/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import { currentMerchant } from '../db/platform/call.ts';
import { createReach } from '../temporal/client.ts';
import { profileOf, temporalConnection } from '../compose.ts';
import { type Config, loadConfig } from '../config.ts';
import { createApiKey } from '../db/parties/api-keys.ts';
import { createMerchant } from '../db/parties/merchants.ts';
import { SCOPES, type Scope } from '../domain/parties/scopes.ts';
import { schemaProblem } from '../db/platform/migrate.ts';
import { createPool, type Pool } from '../db/platform/pool.ts';
import { runAudit } from './audit.ts';
import { listOpenIncidents, retryOne, showIncident } from './incidents.ts';
import { listKeys, makeKey, revokeKey } from './keys.ts';
import { runRewrap } from './rewrap.ts';
import { runMigrate } from './migrate.ts';
import { discardOutbox, listOutbox, retryOutbox } from './outbox.ts';
import { runRepair } from './repair.ts';

/** The addresses of the instance whose data folder this is, should one run there. */
export type FindInstance = (home: string) => Readonly<Record<string, string>> | undefined;

interface MigrateFlags {
  readonly grantTo?: string;
  readonly databaseOnly: boolean;
  readonly breaking: boolean;
}

/** The commands of an operator, on what the configuration names, else on the instance that runs here. */
export function operatorProgram(findInstance: FindInstance): Command {
  const program = new Command('tenor').description(
    'Subscription billing where every contract is one durable Temporal workflow',
  );
  const withBooks = (work: (pool: Pool) => Promise<number>) => onBooks(findInstance, work);

  program
    .command('migrate')
    .option(
      '--grant-to <role>',
      'the database role of API and worker, which reads and writes rows and owns nothing',
    )
    .option(
      '--database-only',
      'leave Temporal alone, whose operator has registered what contracts need',
      false,
    )
    .option('--breaking', 'no process of an older version runs: apply also what they could not run on', false)
    .description('bring the database to the newest schema, and register what contracts need in Temporal')
    .action(async ({ grantTo, databaseOnly, breaking }: MigrateFlags) => {
      const config = loadConfig();
      const temporal = databaseOnly ? null : temporalOf(config, findInstance);
      process.exitCode = await runMigrate(
        { databaseUrl: databaseOf(config, findInstance), breaking, grantTo: grantTo ?? null, temporal },
        console.log,
      );
    });
  program
    .command('merchant')
    .argument('<name>')
    .description('make a merchant with its test merchant, and a key for each')
    .action((name: string) => withBooks((pool) => makeMerchant(pool, name)));
  addKeyCommands(program, withBooks);
  program
    .command('rewrap')
    .description('seal the keys of all personal data anew under TENOR_MASTER_KEY, while everything runs')
    .action(() => withBooks((pool) => runRewrap(pool, loadConfig(), console.log)));
  program
    .command('audit')
    .option('--anew', 'begin at the beginning, also where the last audit was interrupted', false)
    .description(
      'name by id what is wrong in the books, from the database alone; goes on with one that was interrupted',
    )
    .action(({ anew }: { anew: boolean }) =>
      withBooks((pool) => runAudit(pool, { anew }, { print: console.log, report: console.error })),
    );
  addIncidentCommands(program, withBooks);
  program
    .command('repair')
    .option('--dry-run', 'only show what is missing or late', false)
    .description('repair what Temporal lacks or has late, from Postgres')
    .action(({ dryRun }: { dryRun: boolean }) =>
      withBooks((pool) =>
        onTemporal(findInstance, (client) =>
          runRepair({ pool, reach: createReach(client, currentMerchant) }, { dryRun }, console.log),
        ),
      ),
    );
  addOutboxCommands(program, withBooks);
  return program;
}

/** Runs the command that was typed; one that fails says why in a line. */
export async function run(program: Command): Promise<void> {
  await program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

/** Days of a key's life: a whole number from 1. */
function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('is not a number of days');
  return Number(text);
}

function addKeyCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const key = program.command('key').description('make, list and revoke API keys');
  key
    .command('make')
    .argument('<merchant>', 'its id')
    .argument('<name>', 'who it is for')
    .addOption(new Option('--scopes <scopes...>', 'what it may do').choices(SCOPES).default(['admin']))
    .option('--days <n>', 'it ends after so many days', days)
    .action((merchant: string, name: string, options: { scopes: Scope[]; days?: number }) =>
      withBooks((pool) => makeKey(pool, { merchant, name, ...options }, console.log)),
    );
  key.command('list').action(() => withBooks((pool) => listKeys(pool, console.log)));
  key
    .command('revoke')
    .argument('<key>', 'its id')
    .action((keyId: string) => withBooks((pool) => revokeKey(pool, keyId, console.log)));
}

function addOutboxCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const outbox = program.command('outbox').description('messages that could not be delivered');
  outbox
    .command('list')
    .description('show them; ends with 1 if there are any')
    .action(() => withBooks((pool) => listOutbox(pool, console.log)));
  outbox
    .command('retry')
    .argument('[message...]', 'their numbers; all without')
    .description('have them delivered again, when what was wrong is repaired')
    .action((ids: string[]) => withBooks((pool) => retryOutbox(pool, ids, console.log)));
  outbox
    .command('discard')
    .argument('<message...>', 'their numbers')
    .description('give them up for good')
    .action((ids: string[]) => withBooks((pool) => discardOutbox(pool, ids, console.log)));
}

function addIncidentCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const incidents = program
    .command('incidents')
    .description('list, explain and try again what could not be done');
  incidents
    .command('list', { isDefault: true })
    .description('the open ones of all merchants; ends with 1 if there are any')
    .action(() => withBooks((pool) => listOpenIncidents(pool, console.log)));
  incidents
    .command('show')
    .argument('<incident>', 'its id')
    .action((id: string) => withBooks((pool) => showIncident(pool, id, console.log)));
  incidents
    .command('retry')
    .argument('<incident>', 'its id')
    .action((id: string) => withBooks((pool) => retryOne(pool, id, console.log)));
}

async function makeMerchant(pool: Pool, name: string): Promise<number> {
  const { live, test } = await createMerchant(pool, name);
  for (const merchant of [live, test]) {
    const { key } = await createApiKey(pool, merchant, 'first key', ['admin']);
    console.log(`${merchant === live ? 'live' : 'test'}  ${merchant}  ${key}`);
  }
  return 0;
}

async function onBooks(findInstance: FindInstance, work: (pool: Pool) => Promise<number>): Promise<void> {
  const config = loadConfig();
  const pool = createPool(databaseOf(config, findInstance), {
    max: 4,
    checksRows: config.checksRows,
    name: 'tenor-cli',
    limits: { statementMs: 0 }, // a slice of an audit may take its time
  });
  try {
    const problem = await schemaProblem(pool);
    if (problem !== null) throw new Error(problem);
    process.exitCode = await work(pool);
  } finally {
    await pool.end();
  }
}

async function onTemporal(
  findInstance: FindInstance,
  work: (client: Client) => Promise<number>,
): Promise<number> {
  const { connection, namespace } = temporalOf(loadConfig(), findInstance);
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

function databaseOf(config: Config, findInstance: FindInstance): string {
  const url = config.databaseUrl ?? findInstance(config.home)?.['databaseUrl'];
  if (url === undefined) throw new Error('Tenor does not run here: npm start first, or set DATABASE_URL');
  return url;
}

function temporalOf(config: Config, findInstance: FindInstance) {
  const here = config.temporalAddress === null ? findInstance(config.home) : undefined;
  const address = config.temporalAddress ?? here?.['temporalAddress'];
  if (address === undefined)
    throw new Error('Tenor does not run here: npm start first, or set TEMPORAL_ADDRESS');
  return {
    connection: temporalConnection({ temporalAddress: address, temporalConnection: profileOf(config) }),
    namespace: here?.['temporalNamespace'] ?? config.temporalNamespace,
  };
}
