// `npm run schema`: migrates a fresh Postgres and writes db/schema.sql from it.
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dumpSchema } from '../../db/dump.ts';
import { migrate } from '../../db/migrate.ts';
import { temporaryDataDir } from './files.ts';
import { startPostgres } from './postgres.ts';

const dataDir = temporaryDataDir('tenor-schema-');
const postgres = await startPostgres({
  dataDir,
  durable: false,
  report: () => undefined,
  onSpawn: () => undefined,
  onExit: () => undefined,
});
try {
  await migrate(postgres.url);
  writeFileSync(
    fileURLToPath(new URL('../../db/schema.sql', import.meta.url)),
    await dumpSchema(postgres.url),
  );
} finally {
  await postgres.stop();
  rmSync(dataDir, { recursive: true });
}
