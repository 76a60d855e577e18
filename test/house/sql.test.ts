// Only db/ has SQL, and db/ decides nothing. Only the domain lists the states of an attempt.
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

/** The folders without SQL. The sandbox provider is excepted, as it has tables of its own, like any provider. */
const FLOORS = 'activities api cli documents domain engine mail psp relay telemetry temporal workflows'.split(
  ' ',
);
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

describe('SQL statements', () => {
  it('are only in db/', () => {
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
  ])('are recognised by this test: %s', (source) => expect(hasSql(source)).toBe(true));

  it('are not assumed where only a transaction is opened', () => {
    expect(hasSql("import { type Tx, inTransaction } from '../db/platform/pool.ts';")).toBe(false);
  });
});

describe('the connections of a pool', () => {
  /** Files that work on connections themselves: they create them, set them up, or use them before there is a schema. */
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

  it('are queried only with declared statements', () => {
    const querying = [...below('db'), ...below('psp')].filter((file) =>
      /\.query[<(]/.test(readFileSync(file, 'utf8')),
    );
    expect(querying.toSorted()).toEqual([
      'db/audit/in-slices.ts',
      ...OF_CONNECTIONS.map((name) => `db/platform/${name}.ts`),
    ]);
  });
});

describe('refusals in db/', () => {
  /** Refusals for reasons in the rows: there is none, the name is taken, the cursor cannot be read, too many are found. */
  const OF_ROWS = [
    'not_found',
    'external_id_taken',
    'request_in_progress',
    'invalid_request',
    'search_too_wide',
  ];

  it('have only reasons that are in the rows, as everything else is decided above', () => {
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

  /** Lists of at least two texts, in SQL or in TypeScript, that contain a state which only an attempt has. */
  const listsIn = (text: string): string[][] =>
    [...text.matchAll(/'\w+'(?:::text)?(?:,\s*'\w+'(?:::text)?)+/g)]
      .map(([list]) => [...list.matchAll(/'(\w+)'/g)].map(([, state = '']) => state))
      // Mails have a state of that name, too.
      .filter(
        (list) => !list.includes('queued') && (list.includes('sent') || list.includes('requires_action')),
      );

  test('follow from the transitions of an attempt', () => {
    expect(UNDER_WAY).toEqual(['sent', 'unknown', 'pending', 'requires_action']);
    expect(UNDECIDED).toEqual(['unknown', 'pending', 'requires_action']);
    expect(OPEN_ATTEMPT).toEqual(['planned', 'sent', 'unknown', 'pending', 'requires_action']);
  });

  test('are listed in no TypeScript file of db/', () => {
    expect(below('db').filter((file) => listsIn(readFileSync(file, 'utf8')).length > 0)).toEqual([]);
  });

  const listNamesIn = (file: string): (string | undefined)[] =>
    listsIn(readFileSync(file, 'utf8')).map((list) => (list.includes('declined') ? 'all' : namesOf(list)));

  test('are lists of the domain in the functions and indexes of the schema', () => {
    expect(new Set(listNamesIn('db/schema.sql'))).toEqual(
      new Set(['all', 'OPEN_ATTEMPT', 'UNANSWERED', 'UNDER_WAY', 'WITHOUT_OUTCOME']),
    );
  });

  test('are lists of the domain in files of SQL', () => {
    const files = filesBelow('db', '.sql').filter((file) => !file.startsWith('db/migrations/'));
    expect(files.flatMap(listNamesIn)).not.toContain(undefined);
    expect(files.flatMap(listNamesIn)).not.toEqual([]);
  });
});
