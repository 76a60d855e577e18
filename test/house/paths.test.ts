// Documents and comments name files by their paths. These tests fail for a path that does not exist.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = readdirSync('.', { withFileTypes: true });
const folders = ROOT.filter((each) => each.isDirectory())
  .map(({ name }) => name)
  .filter((name) => !['node_modules', '.git', '.tenor', 'dist'].includes(name));
const files = [
  ...ROOT.filter((each) => each.isFile()).map(({ name }) => name),
  ...folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  ),
];
const FILE = /^[\w.-]+(\/[\w.-]+)*\.(ts|sql|md|json|jsonc|ya?ml)$/;
const BELOW = new RegExp(`^(${folders.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./-]*$`);

/** The paths that a text names in backticks: files with a known ending, and anything below a folder of the root. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)]
    .flatMap(([, named = '']) => named)
    .filter((named) => FILE.test(named) || BELOW.test(named));
}

/** The paths in a text that exist neither below the root nor below the folder of the document. */
function missing(file: string, text: string): string[] {
  return pathsIn(text)
    .filter((path) => !existsSync(path) && !existsSync(join(dirname(file), path)))
    .map((path) => `${file}: ${path}`);
}

const comments = (source: string): string =>
  source
    .split('\n')
    .filter((line) => /^\s*(\/?\*|\/\/)/.test(line))
    .join('\n');

test('every path that a document names exists', () => {
  const documents = files.filter((file) => file.endsWith('.md'));
  expect(documents.flatMap((file) => missing(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test('every path that a comment names exists', () => {
  const sources = files.filter((file) => file.endsWith('.ts'));
  expect(sources.flatMap((file) => missing(file, comments(readFileSync(file, 'utf8'))))).toEqual([]);
});

test('this test recognises paths in a text', () => {
  const text =
    'see `db/gone.ts`, `db/platform/`, `gone.md`, `POST /v1/orders`, `contract/<id>` and db/bare.ts';
  expect(pathsIn(text)).toEqual(['db/gone.ts', 'db/platform/', 'gone.md']);
  expect(missing('domain/README.md', '`db/gone.ts` `books/tax.ts` `domain/errors.ts`')).toEqual([
    'domain/README.md: db/gone.ts',
  ]);
});
