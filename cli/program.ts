import { Client } from '@temporalio/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import { currentMerchant } from '../db/platform/call.ts';
import { createWorkflows } from '../temporal/client.ts';
import { profileOf, temporalConnection } from '../compose.ts';
import { type Config, loadConfig } from '../config.ts';
import { createApiKey } from '../db/parties/api-keys.ts';
import { createMerchant } from '../db/parties/merchants.ts';
import { SCOPES, type Scope } from '../domain/parties/scopes.ts';
import { schemaProblem } from '../db/platform/migrate.ts';
import { createPool, type Pool } from '../db/platform/pool.ts';
import { runAudit } from './audit.ts';
import { runIndexCustomers } from './index-customers.ts';
import { listOpenIncidents, retryOne, showIncident } from './incidents.ts';
import { listKeys, makeKey, revokeKey } from './keys.ts';
import { runRewrap } from './rewrap.ts';
import { runMigrate } from './migrate.ts';
import { discardOutbox, listOutbox, retryOutbox } from './outbox.ts';
import { runRepair } from './repair.ts';

/** Finds the addresses of the instance that runs on a data folder, if one does. */
export type FindInstance = (home: string) => Readonly<Record<string, string>> | undefined;

interface MigrateFlags {
  readonly grantTo?: string;
  readonly databaseOnly: boolean;
  readonly breaking: boolean;
}

/** Creates the commands for operators. They use the servers of the configuration, or else those of the instance that runs here. */
export function operatorProgram(findInstance: FindInstance): Command {
  const program = new Command('tenor').description(
    'Subscription billing in which every contract is one durable Temporal workflow',
  );
  const withBooks = (work: (pool: Pool) => Promise<number>) => onBooks(findInstance, work);

  program
    .command('migrate')
    .option('--grant-to <role>', 'let this database role, that of API and worker, read and write rows')
    .option(
      '--database-only',
      'do not prepare Temporal; its operator has registered the search attributes',
      false,
    )
    .option('--breaking', 'apply also migrations on which processes of an older version cannot run', false)
    .description('apply migrations to the database, and register search attributes in Temporal')
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
    .description('create a merchant and its test merchant, and print an API key of each')
    .action((name: string) => withBooks((pool) => makeMerchant(pool, name)));
  addKeyCommands(program, withBooks);
  program
    .command('rewrap')
    .description('encrypt the keys of all personal data again with TENOR_MASTER_KEY; needs no downtime')
    .action(() => withBooks((pool) => runRewrap(pool, loadConfig(), console.log)));
  program
    .command('index-customers')
    .description('make customers from before the search findable by name and mail address; can be repeated')
    .action(() => withBooks((pool) => runIndexCustomers(pool, loadConfig(), console.log)));
  program
    .command('audit')
    .option('--anew', 'start again, even if the last audit was interrupted', false)
    .description(
      'check the books from the database alone, and name each error by id; continues an interrupted audit',
    )
    .action(({ anew }: { anew: boolean }) =>
      withBooks((pool) => runAudit(pool, { anew }, { print: console.log, report: console.error })),
    );
  addIncidentCommands(program, withBooks);
  program
    .command('repair')
    .option('--dry-run', 'only show the workflows that are missing, late or broken', false)
    .description('start, wake or restart workflows that are missing, late or broken in Temporal')
    .action(({ dryRun }: { dryRun: boolean }) =>
      withBooks((pool) =>
        onTemporal(findInstance, (client) =>
          runRepair({ pool, workflows: createWorkflows(client, currentMerchant) }, { dryRun }, console.log),
        ),
      ),
    );
  addOutboxCommands(program, withBooks);
  return program;
}

/** Runs the command of the command line. If it fails, it prints the error's message and exits with 1. */
export async function run(program: Command): Promise<void> {
  await program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

/** Parses the lifetime of a key in days: a whole number from 1. */
function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError('must be a number of days from 1 to 9999.');
  return Number(text);
}

function addKeyCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const key = program.command('key').description('make, list and revoke API keys');
  key
    .command('make')
    .description('make an API key, and print it')
    .argument('<merchant>', 'the id of the merchant')
    .argument('<name>', 'a name that says who or what uses the key')
    .addOption(new Option('--scopes <scopes...>', 'the scopes of the key').choices(SCOPES).default(['admin']))
    .option('--days <n>', 'the number of days after which the key expires', days)
    .action((merchant: string, name: string, options: { scopes: Scope[]; days?: number }) =>
      withBooks((pool) => makeKey(pool, { merchant, name, ...options }, console.log)),
    );
  key
    .command('list')
    .description('list the API keys of all merchants')
    .action(() => withBooks((pool) => listKeys(pool, console.log)));
  key
    .command('revoke')
    .description('revoke an API key at once')
    .argument('<key>', 'the id of the key')
    .action((keyId: string) => withBooks((pool) => revokeKey(pool, keyId, console.log)));
}

function addOutboxCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const outbox = program
    .command('outbox')
    .description('list, retry and discard messages that could not be delivered');
  outbox
    .command('list')
    .description('list the messages; the exit code is 1 if there are any')
    .action(() => withBooks((pool) => listOutbox(pool, console.log)));
  outbox
    .command('retry')
    .argument('[message...]', 'the numbers of messages; by default all')
    .description('deliver messages again, after their fault is repaired')
    .action((ids: string[]) => withBooks((pool) => retryOutbox(pool, ids, console.log)));
  outbox
    .command('discard')
    .argument('<message...>', 'the numbers of messages')
    .description('discard messages, which are then never delivered')
    .action((ids: string[]) => withBooks((pool) => discardOutbox(pool, ids, console.log)));
}

function addIncidentCommands(
  program: Command,
  withBooks: (work: (pool: Pool) => Promise<number>) => Promise<void>,
): void {
  const incidents = program.command('incidents').description('list, explain and retry steps that failed');
  incidents
    .command('list', { isDefault: true })
    .description('list the open incidents of all merchants; the exit code is 1 if there are any')
    .action(() => withBooks((pool) => listOpenIncidents(pool, console.log)));
  incidents
    .command('show')
    .description('show an incident with its advice and its error')
    .argument('<incident>', 'the id of the incident')
    .action((id: string) => withBooks((pool) => showIncident(pool, id, console.log)));
  incidents
    .command('retry')
    .description('retry the step of an incident at once')
    .argument('<incident>', 'the id of the incident')
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
    limits: { statementMs: 0 }, // one slice of an audit may take long
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
  if (url === undefined) {
    throw noInstance(config, 'DATABASE_URL');
  }
  return url;
}

/** @param address the variable that names the server instead of an instance */
function noInstance({ home }: Config, address: string): Error {
  return new Error(
    `no instance of Tenor runs in ${home}: run npm start first, set TENOR_HOME to the folder of a running one, or set ${address}`,
  );
}

function temporalOf(config: Config, findInstance: FindInstance) {
  const here = config.temporalAddress === null ? findInstance(config.home) : undefined;
  const address = config.temporalAddress ?? here?.['temporalAddress'];
  if (address === undefined) {
    throw noInstance(config, 'TEMPORAL_ADDRESS');
  }
  return {
    connection: temporalConnection({ temporalAddress: address, temporalConnection: profileOf(config) }),
    namespace: here?.['temporalNamespace'] ?? config.temporalNamespace,
  };
}
