// Each rule of docs/rules.md has a test whose title names it, except rules that are seams as a whole.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ruleText = readFileSync('docs/rules.md', 'utf8');
const rules = [...ruleText.matchAll(/^(\d+)\. (\*Seam\.\*)?/gm)].map(([, number, seam]) => ({
  number: Number(number),
  sold: seam === undefined,
}));

/** The rules that titles name, as in `… (rule 21)` and `… (rules 5, 24)`. */
function namedIn(source: string): number[] {
  const titles = source.matchAll(/(['"`])(?:(?!\1).)*\(rules? ([\d, ]+)\)(?:(?!\1).)*\1/g);
  return [...titles].flatMap(([, , numbers = '']) => numbers.split(', ').map(Number));
}

const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const named = new Set(files.flatMap((file) => namedIn(readFileSync(join('test', file), 'utf8'))));

test('every rule has a test whose title names it', () => {
  expect(rules.map(({ number }) => number)).toEqual(rules.map((_, index) => index + 1));
  expect(rules.filter(({ number, sold }) => sold && !named.has(number)).map(({ number }) => number)).toEqual(
    [],
  );
});

test('no title names a rule that does not exist', () => {
  const known = new Set(rules.map(({ number }) => number));
  expect([...named].filter((number) => !known.has(number))).toEqual([]);
});

test('this test finds the rules that titles name', () => {
  expect(namedIn(`it('bills (rule 5)'); test("is (rules 7, 24)"); it('does not'); // (rule 9)`)).toEqual([
    5, 7, 24,
  ]);
});
