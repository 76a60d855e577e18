// The house has the same nouns on each floor, and imports go down: no two folders beside each other are on one circle.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { PREFIX } from '../../temporal/ids.ts';

const FLOORS =
  'activities api bench cli db dev documents domain engine psp relay telemetry temporal test workflows'.split(
    ' ',
  );
const sources = FLOORS.flatMap((floor) =>
  readdirSync(floor, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(floor, file)),
);

/** The folders below `parent` that import each other: `a > b` for each pair of them. */
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

/** Folders from which a way of imports leads back to themselves. */
function onCircles(imports: Map<string, Set<string>>): string[] {
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of imports.get(from) ?? []) if (!seen.has(to)) reached(to, seen.add(to));
    return seen;
  };
  return [...imports.keys()].filter((folder) => reached(folder).has(folder)).sort();
}

const texts = Object.fromEntries(sources.map((file) => [file, readFileSync(file, 'utf8')]));

test.each([
  '.',
  ...FLOORS.filter((floor) => readdirSync(floor).some((each) => statSync(join(floor, each)).isDirectory())),
])('no two folders of %s import each other, not even in a circle', (parent) => {
  expect(onCircles(importsBelow(parent, texts))).toEqual([]);
});

test('a circle of folders is found', () => {
  const files = {
    'db/books/a.ts': "import { x } from '../contracts/b.ts';",
    'db/contracts/b.ts': "import { x } from '../usage/c.ts';",
    'db/usage/c.ts': "import type { x } from '../books/a.ts';",
    'db/audit/d.ts': "import { x } from '../books/a.ts';",
  };
  expect(onCircles(importsBelow('db', files))).toEqual(['books', 'contracts', 'usage']);
});

test('ids of workflows are spelled in temporal/ids.ts alone', () => {
  const spelled = Object.entries(texts)
    .filter(([file]) => !file.startsWith('test') && file !== 'temporal/ids.ts')
    .filter(([, text]) => /['`](contract|collection|clock|sandbox)\/(['`]|\$\{)/.test(text))
    .map(([file]) => file);
  expect(spelled).toEqual([]);
});

test('ids of workflows begin in statements that are files as temporal/ids.ts says', () => {
  const files = readdirSync('db', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.sql') && !file.startsWith('migrations/'),
  );
  const begins = files.flatMap(
    (file) => readFileSync(join('db', file), 'utf8').match(/(?<=')\w+\/(?=')/g) ?? [],
  );
  expect(new Set(begins)).toEqual(new Set(['contract/', 'collection/']));
  expect(Object.values(PREFIX)).toEqual(expect.arrayContaining(begins));
});
