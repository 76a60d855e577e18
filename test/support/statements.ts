// Every statement and every change of `db` and `psp`. A file declares its own when it is imported.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Connection, FieldDef } from 'pg';
import { STATEMENTS } from '../../db/platform/statement.ts';
import { MUTATIONS } from '../../db/platform/write.ts';

/** Imports all files of `db` and `psp`, and returns what they have declared. */
export async function allStatements(): Promise<{
  statements: typeof STATEMENTS;
  mutations: typeof MUTATIONS;
}> {
  for (const folder of ['db', 'psp']) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => each.endsWith('.ts'))) {
      await import(join(process.cwd(), folder, file));
    }
  }
  return { statements: STATEMENTS, mutations: MUTATIONS };
}

/**
 * Makes Postgres parse and analyse a statement without running it. Returns the columns of its rows.
 * @throws DatabaseError if the statement cannot run
 */
export function columnsOf(client: Client, text: string): Promise<readonly FieldDef[]> {
  return new Promise((resolve, reject) => {
    let fields: readonly FieldDef[] = [];
    let problem: Error | undefined;
    const asking = {
      submit(connection: Connection): void {
        connection.parse({ name: '', text, types: [] }, true);
        connection.describe({ type: 'S', name: '' }, true);
        connection.sync();
      },
      handleRowDescription: (message: { fields: FieldDef[] }): void => void (fields = message.fields),
      handleError: (error: Error): void => void (problem = error),
      handleReadyForQuery: (): void => (problem === undefined ? resolve(fields) : reject(problem)),
    };
    client.query(asking as never);
  });
}
