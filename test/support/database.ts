// A separate database for a test file: a copy of the migrated template.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

export type TestDatabase = {
  url: string;
  /** Drops the database, and ends all connections to it. */
  drop(): Promise<void>;
};

/** Creates a database in some 50 ms. `migrated: false` gives an empty one. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  // The template's name is repeated here, because importing the global setup would start its imports in each fork.
  await asAdmin(`create database ${name} template ${migrated ? 'tenor_template' : 'template0'}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const admin = new Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
