import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A numbered file, with the declarations in its header. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
  /** Why processes of older versions cannot run on the new schema; null if they can. */
  readonly breaking: string | null;
  /** The statements of a file that runs without a transaction; null for all other files. */
  readonly alone: readonly string[] | null;
}

/** Reads the migrations of a folder, in the order of their numbers. @throws when a name or a header is wrong */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = String(index + 1).padStart(4, '0');
    if (!new RegExp(`^${number}_[a-z0-9_]+\\.sql$`).test(name)) {
      throw new Error(
        `migration ${name} should be number ${number}, and be named like ${number}_what_it_does.sql`,
      );
    }
    return migrationOf(name, readFileSync(join(folder, name), 'utf8'));
  });
}

function migrationOf(name: string, sql: string): Migration {
  const header = headerOf(sql);
  const breaking = header.find((line) => /^breaking\b/i.test(line)) ?? null;
  const reason = breaking === null ? null : (/^breaking: (.+)$/.exec(breaking)?.[1] ?? null);
  if (breaking !== null && reason === null)
    throw new Error(`migration ${name}: say why, as in "-- breaking: the column x is gone"`);
  const loose = header.find((line) => /^no transaction\b/i.test(line)) ?? null;
  if (loose !== null && loose !== 'no transaction')
    throw new Error(`migration ${name}: the line is "-- no transaction", and nothing more`);
  return {
    name,
    sql,
    sha256: createHash('sha256').update(sql).digest('hex'),
    breaking: reason,
    alone: loose === null ? null : statementsOf(name, sql),
  };
}

/** The comment lines at the beginning of a file. */
function headerOf(sql: string): string[] {
  const lines = sql.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  return lines.slice(0, end === -1 ? lines.length : end).map((line) => line.slice(2).trim());
}

/** Statements that fail in a second run, after an interrupted first one. */
const ONCE_ONLY =
  /^(create (unique )?index concurrently (?!if not exists\b)|drop index concurrently (?!if exists\b))/i;

/**
 * The statements of a file without a transaction: each ends with a semicolon at the end of its line.
 * @throws for a file that cannot be cut into statements, or that has a statement which cannot run twice
 */
function statementsOf(name: string, sql: string): string[] {
  const code = sql.replaceAll(/^\s*--.*$/gm, '');
  if (/\$\w*\$/.test(code)) throw new Error(`migration ${name}: a function needs a transaction`);
  const statements = code
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  const wrong = statements.find((statement) => ONCE_ONLY.test(statement));
  if (wrong !== undefined)
    throw new Error(
      `migration ${name}: write "if not exists" or "if exists", as it may run again: ${wrong.slice(0, 60)}`,
    );
  return statements;
}
