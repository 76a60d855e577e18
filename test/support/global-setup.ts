// Starts one Postgres and one Temporal server for the whole run, in a temporary folder. Makes the migrated template database
// that tests copy, and the workflow bundle.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { startStack } from '../../dev/embedded/stack.ts';
import { loadConfig } from '../../config.ts';
import { migrate } from '../../db/platform/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's URL. It names a database that tests do not use. */
    postgresUrl: string;
    /** `host:port` */
    temporalAddress: string;
    /** The file of the bundled workflows, or null if there are none. */
    workflowBundle: string | null;
  }
}

/** Copied by `createTestDatabase`. */
const TEMPLATE = 'tenor_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = temporaryDataDir('tenor-test-');
  const lines: string[] = [];
  // The tests never use the servers that the environment names.
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const [stack, bundle] = await Promise.all([
    startStack({ dataDir, headless: true, durable: false, config, onProgress: (line) => lines.push(line) }),
    bundleWorkflows(dataDir),
  ]).catch((error: unknown) => {
    throw new Error(`the servers for the tests did not start:\n${lines.join('\n')}`, { cause: error });
  });
  await makeTemplate(stack.databaseUrl);
  project.provide('postgresUrl', stack.databaseUrl);
  project.provide('temporalAddress', stack.temporalAddress);
  project.provide('workflowBundle', bundle);
  // When a signal ends Vitest, it calls no teardown.
  process.once('exit', () =>
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  );
  return () => stack.stop();
}

async function makeTemplate(postgresUrl: string): Promise<void> {
  const admin = new Client({ connectionString: postgresUrl });
  await admin.connect();
  await admin.query(`create database ${TEMPLATE}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
  // A database cannot be copied while a connection to it is open.
  await admin.query(`alter database ${TEMPLATE} with allow_connections false is_template true`);
  await admin.end();
}

async function bundleWorkflows(dataDir: string): Promise<string | null> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  if (!existsSync(workflowsPath)) return null;
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = join(dataDir, 'workflows.js');
  writeFileSync(file, code);
  return file;
}
