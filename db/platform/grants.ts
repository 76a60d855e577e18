import { Client, escapeIdentifier } from 'pg';

/** Where the tables of the application are: the books, and those of the sandbox provider. */
const SCHEMAS = 'public, sandbox';

/**
 * Lets a role do the application's work: read and write rows, and nothing that its triggers could not refuse. The role
 * that calls owns the schema, and must be another one. Safe to repeat; after each migration it includes the new tables.
 * @throws when the role could act as the owner
 */
export async function grantTo(ownerUrl: string, role: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const found = await client.query<{ owns: boolean }>(
      `select rolsuper or pg_has_role(rolname, current_user, 'member') as owns from pg_roles where rolname = $1`,
      [role],
    );
    const [known] = found.rows;
    if (known === undefined) throw new Error(`the database has no role ${role}`);
    if (known.owns)
      throw new Error(`the role ${role} could change the schema: take one that does not own it`);
    const name = escapeIdentifier(role);
    await client.query(
      `begin;
       grant usage on schema ${SCHEMAS} to ${name};
       grant select, insert, update, delete on all tables in schema ${SCHEMAS} to ${name};
       grant usage, select on all sequences in schema ${SCHEMAS} to ${name};
       revoke insert, update, delete on migrations from ${name};
       commit`,
    );
  } finally {
    await client.end();
  }
}
