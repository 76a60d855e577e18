// Generates files from code, in the current folder. `npm run schema`, `tables`, `openapi` and `client` each write one of them.
// `--check` writes nothing, and fails with the name of each file that is out of date.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { openApiDocument, openApiText } from '../api/openapi.ts';
import { dumpSchema } from '../db/platform/dump.ts';
import { migrate } from '../db/platform/migrate.ts';
import { tableTypes } from '../db/platform/table-types.ts';
import { clientTypes } from '../dev/client-types.ts';
import { temporaryDataDir } from '../dev/embedded/files.ts';
import { startPostgres } from '../dev/embedded/postgres.ts';

const MAKERS: Readonly<Record<string, { command: string; make: () => Promise<string> }>> = {
  'openapi.json': { command: 'npm run openapi', make: () => Promise.resolve(openApiText()) },
  'client/types.ts': {
    command: 'npm run client',
    make: () => Promise.resolve(clientTypes(openApiDocument())),
  },
  'db/schema.sql': { command: 'npm run schema', make: () => ofMigrations(dumpSchema) },
  'db/tables.ts': { command: 'npm run tables', make: () => ofMigrations(tableTypes) },
};

/** Runs the migrations on a new Postgres, and returns a text about the resulting database. */
async function ofMigrations(textOf: (databaseUrl: string) => Promise<string>): Promise<string> {
  const dataDir = temporaryDataDir('tenor-schema-');
  const nothing = (): void => undefined;
  const postgres = await startPostgres({
    dataDir,
    durable: false,
    report: nothing,
    onSpawn: nothing,
    onExit: nothing,
  });
  try {
    await migrate(postgres.url);
    return await textOf(postgres.url);
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true });
  }
}

const names = process.argv.slice(2).filter((each) => each !== '--check');
const check = process.argv.includes('--check');
for (const [name, { command, make }] of Object.entries(MAKERS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const text = await make();
  if (!check) {
    writeFileSync(name, text);
  } else if (readFileSync(name, 'utf8') !== text) {
    console.error(`${name} is out of date: run ${command}`);
    process.exitCode = 1;
  }
}
