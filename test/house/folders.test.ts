// Imports go only down the floors, so no folders beside each other import each other, not even through a third one.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { PREFIX } from '../../temporal/ids.ts';

const FLOORS =
  'activities api bench cli client db dev documents domain engine mail psp relay telemetry temporal test workflows'.split(
    ' ',
  );
const sources = FLOORS.flatMap((floor) =>
  readdirSync(floor, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(floor, file)),
);

/** For each folder below `parent`, the folders beside it that it imports. */
function importsBelow(parent: string, files: Readonly<Record<string, string>>): Map<string, Set<string>> {
  const childOf = (file: string): string | null => {
    const [child, ...rest] = relative(parent, file).split(sep);
    return child === undefined || child === '..' || rest.length === 0 ? null : child;
  };
  const found = new Map<string, Set<string>>();
  for (const [file, text] of Object.entries(files)) {
    const from = childOf(file);
    if (from === null) continue;
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const to = childOf(join(dirname(file), path));
      if (to !== null && to !== from) found.set(from, (found.get(from) ?? new Set()).add(to));
    }
  }
  return found;
}

/** The folders that import themselves through others. */
function onCircles(imports: Map<string, Set<string>>): string[] {
  const reachable = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of imports.get(from) ?? []) if (!seen.has(to)) reachable(to, seen.add(to));
    return seen;
  };
  return [...imports.keys()].filter((folder) => reachable(folder).has(folder)).sort();
}

const texts = Object.fromEntries(sources.map((file) => [file, readFileSync(file, 'utf8')]));

test.each([
  '.',
  ...FLOORS.filter((floor) => readdirSync(floor).some((each) => statSync(join(floor, each)).isDirectory())),
])('the folders of %s do not import each other in a circle', (parent) => {
  expect(onCircles(importsBelow(parent, texts))).toEqual([]);
});

test('this test finds a circle of folders', () => {
  const files = {
    'db/books/a.ts': "import { x } from '../contracts/b.ts';",
    'db/contracts/b.ts': "import { x } from '../usage/c.ts';",
    'db/usage/c.ts': "import type { x } from '../books/a.ts';",
    'db/audit/d.ts': "import { x } from '../books/a.ts';",
  };
  expect(onCircles(importsBelow('db', files))).toEqual(['books', 'contracts', 'usage']);
});

test('only temporal/ids.ts spells ids of workflows', () => {
  const spelled = Object.entries(texts)
    .filter(([file]) => !file.startsWith('test') && file !== 'temporal/ids.ts')
    .filter(([, text]) => /['`](contract|account|collection|job|clock|sandbox)\/(['`]|\$\{)/.test(text))
    .map(([file]) => file);
  expect(spelled).toEqual([]);
});

test('files of SQL use only prefixes of workflow ids from temporal/ids.ts', () => {
  const files = readdirSync('db', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.sql') && !file.startsWith('migrations/'),
  );
  const begins = files.flatMap(
    (file) => readFileSync(join('db', file), 'utf8').match(/(?<=')\w+\/(?=')/g) ?? [],
  );
  expect(new Set(begins)).toEqual(new Set(['contract/', 'account/', 'collection/', 'job/']));
  expect(Object.values(PREFIX)).toEqual(expect.arrayContaining(begins));
});
