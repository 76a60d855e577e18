// Postgres prepares every declared statement on the migrated schema. Its parameters must be valid, and its rows must have the
// declared columns with the declared types.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { bytes, date, decimal, instant, isJsonText, present } from '../../../db/platform/columns.ts';
import { numberMutation } from '../../../db/platform/write.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { allStatements, columnsOf } from '../../support/statements.ts';

const { statements, mutations } = await allStatements();

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const kindOf = (column: z.ZodType): string => (column as unknown as { def: { type: string } }).def.type;
const TEXTS = ['string', 'enum', 'literal', 'custom', 'union'];

/** Whether a column's schema fits a type of Postgres. */
function fits(column: z.ZodType, typeId: number): boolean {
  const schema = present(column);
  switch (typeId) {
    case 16:
      return kindOf(schema) === 'boolean';
    case 20:
      return kindOf(schema) === 'bigint';
    case 701:
    case 21:
    case 23:
      return kindOf(schema) === 'number';
    case 114:
    case 3802:
      return !['string', 'bigint'].includes(kindOf(schema));
    case 1009:
      return kindOf(schema) === 'readonly' || kindOf(schema) === 'array';
    case 1082:
      return schema === date;
    case 1184:
      return schema === instant;
    case 1700:
      return schema === decimal;
    case 17:
      return schema === bytes;
    case 25:
      return isJsonText(schema) || TEXTS.includes(kindOf(schema));
    default:
      return kindOf(schema) === 'string';
  }
}

describe('a declared statement is valid, with the columns that it declares', () => {
  it.each([...statements.values()].map((each) => [each.name, each] as const))('%s', async (_, statement) => {
    const fields = await columnsOf(client, statement.text);
    if (Object.keys(statement.columns).length === 0) return; // its rows are not read
    expect(fields.map(({ name }) => name).toSorted()).toEqual(Object.keys(statement.columns).toSorted());
    const misfits = fields.filter(({ name, dataTypeID }) => !fits(statement.columns[name]!, dataTypeID));
    expect(misfits.map(({ name }) => name)).toEqual([]);
  });
});

describe('a declared change is valid', () => {
  it.each([...mutations.values()].map((each) => [each.name, each] as const))('%s', async (_, mutation) => {
    const { text } = numberMutation(mutation, 2);
    await expect(columnsOf(client, `with ${text} select $1::jsonb`)).resolves.toHaveLength(1);
  });
});
