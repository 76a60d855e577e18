// Statements stand in db/ alone, which decides nothing; the states of an attempt are listed by the domain alone.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  OPEN_ATTEMPT,
  UNANSWERED,
  UNDECIDED,
  UNDER_WAY,
  WITHOUT_OUTCOME,
} from '../../domain/payments/attempt.ts';

/** Folders without SQL. The sandbox provider keeps books of its own, as any provider does. */
const FLOORS = 'activities api cli documents domain engine psp relay telemetry temporal workflows'.split(' ');
const ROOTS = ['compose.ts', 'config.ts', 'server.ts', 'worker.ts'];
const OWN_BOOKS = 'psp/sandbox/';

const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
const below = (folder: string): string[] => filesBelow(folder, '.ts');

const STATEMENT = /['"`]\s*(select|insert into|update [\w.]+ set|delete from|with \w+ as)\s/i;
/** The functions of `db/platform/` that run a statement. */
const RUNNERS =
  /import \{[^}]*\b(statement|listStatement|change|writeRows)\b[^}]*\} from '[^']*db\/platform\//;

const hasSql = (source: string): boolean => STATEMENT.test(source) || RUNNERS.test(source);

describe('statements', () => {
  it('stand in db/ alone', () => {
    const sources = [...FLOORS.flatMap(below), ...ROOTS].filter((file) => !file.startsWith(OWN_BOOKS));
    expect(sources.filter((file) => hasSql(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    "const sql = 'select 1 from commands';",
    'const sql = `\n  update outbox set state = 1`;',
    "const sql = 'insert into outbox (id) values (1)';",
    'const sql = `with due as (select 1) select 2`;',
    "import {\n  writeRows,\n} from '../db/platform/write.ts';",
    "import { statement } from '../db/platform/statement.ts';",
  ])('are found: %s', (source) => expect(hasSql(source)).toBe(true));

  it('are not seen where only a transaction is opened', () => {
    expect(hasSql("import { type Tx, inTransaction } from '../db/platform/pool.ts';")).toBe(false);
  });
});

describe('the pool of a database', () => {
  /** Where a connection itself is the subject: it is made, set up, or used before there is a schema. */
  const OF_CONNECTIONS = [
    'apply-migration',
    'dump',
    'grants',
    'migrate',
    'pool',
    'statement',
    'table-types',
    'write',
  ];

  it('is asked by declared statements alone', () => {
    const asking = [...below('db'), ...below('psp')].filter((file) =>
      /\.query[<(]/.test(readFileSync(file, 'utf8')),
    );
    expect(asking.toSorted()).toEqual([
      'db/audit/in-slices.ts',
      ...OF_CONNECTIONS.map((name) => `db/platform/${name}.ts`),
    ]);
  });
});

describe('refusals', () => {
  /** What rows themselves say: there is none, another one has the name, the cursor is not one of theirs. */
  const OF_ROWS = ['not_found', 'external_id_taken', 'request_in_progress', 'invalid_request'];

  it('in db/ are those of rows: everything else is decided above', () => {
    const thrown = below('db').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new DomainError\(\s*'(\w+)'/g)].map(([, code]) => code),
    );
    expect(new Set(thrown)).toEqual(new Set(OF_ROWS));
  });
});

describe('states of attempts', () => {
  const sets = { OPEN_ATTEMPT, UNANSWERED, UNDECIDED, UNDER_WAY, WITHOUT_OUTCOME };
  const namesOf = (list: readonly string[]): string | undefined =>
    Object.entries(sets).find(([, states]) => states.toSorted().join() === list.toSorted().join())?.[0];

  /** Lists of two and more texts, in SQL or in TypeScript, that name a state which only an attempt has. */
  const listsIn = (text: string): string[][] =>
    [...text.matchAll(/'\w+'(?:::text)?(?:,\s*'\w+'(?:::text)?)+/g)]
      .map(([list]) => [...list.matchAll(/'(\w+)'/g)].map(([, state = '']) => state))
      .filter((list) => list.includes('sent') || list.includes('requires_action'));

  test('follow from what an attempt may become', () => {
    expect(UNDER_WAY).toEqual(['sent', 'unknown', 'pending', 'requires_action']);
    expect(UNDECIDED).toEqual(['unknown', 'pending', 'requires_action']);
    expect(OPEN_ATTEMPT).toEqual(['planned', 'sent', 'unknown', 'pending', 'requires_action']);
  });

  test('are spelled in no file of code', () => {
    expect(below('db').filter((file) => listsIn(readFileSync(file, 'utf8')).length > 0)).toEqual([]);
  });

  const spelledIn = (file: string): (string | undefined)[] =>
    listsIn(readFileSync(file, 'utf8')).map((list) => (list.includes('declined') ? 'all' : namesOf(list)));

  test('are those of the domain in the functions and indexes of the schema', () => {
    expect(new Set(spelledIn('db/schema.sql'))).toEqual(
      new Set(['all', 'OPEN_ATTEMPT', 'UNANSWERED', 'UNDER_WAY', 'WITHOUT_OUTCOME']),
    );
  });

  test('are those of the domain in statements that are files', () => {
    const files = filesBelow('db', '.sql').filter((file) => !file.startsWith('db/migrations/'));
    expect(files.flatMap(spelledIn)).not.toContain(undefined);
    expect(files.flatMap(spelledIn)).not.toEqual([]);
  });
});
