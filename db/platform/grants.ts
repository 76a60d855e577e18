import { Client, escapeIdentifier } from 'pg';

/** The schemas with the application's tables: Tenor's own, and those of the sandbox provider. */
const SCHEMAS = 'public, sandbox';

/**
 * Grants a role what the application needs: to read and write rows, and nothing that would get round the triggers. The caller's
 * role owns the schema and must be a different one. It can be called repeatedly; call it after each migration, for new tables.
 * @throws when the role does not exist or could act as the owner
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
