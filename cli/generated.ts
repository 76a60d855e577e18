// The files that are made from code, in the current folder: `npm run schema` and `npm run openapi` write one;
// `--check` writes nothing, and fails by name for each that is not as the code makes it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { openApiText } from '../api/openapi.ts';
import { dumpSchema } from '../db/platform/dump.ts';
import { migrate } from '../db/platform/migrate.ts';
import { temporaryDataDir } from '../dev/embedded/files.ts';
import { startPostgres } from '../dev/embedded/postgres.ts';

const MAKERS: Readonly<Record<string, { command: string; make: () => Promise<string> }>> = {
  'openapi.json': { command: 'npm run openapi', make: () => Promise.resolve(openApiText()) },
  'db/schema.sql': { command: 'npm run schema', make: schemaOfMigrations },
};

/** The schema that the migrations give a fresh Postgres. */
async function schemaOfMigrations(): Promise<string> {
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
    return await dumpSchema(postgres.url);
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
    console.error(`${name} is not what the code makes: ${command}`);
    process.exitCode = 1;
  }
}
