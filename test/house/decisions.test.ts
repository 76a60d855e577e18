// Decisions are referred to by their numbers, so each number has one file, and its title has the same number.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDER = 'docs/adr';
const decisions = readdirSync(FOLDER).map((file) => ({
  number: Number(file.slice(0, 4)),
  title: readFileSync(join(FOLDER, file), 'utf8').split('\n')[0] ?? '',
}));

test('each number has one decision, and no number is missing', () => {
  expect(decisions.map(({ number }) => number)).toEqual(decisions.map((_, index) => index + 1));
});

test('the title of a decision has the number of its file', () => {
  expect(decisions.filter(({ number, title }) => !title.startsWith(`# ${number}. `))).toEqual([]);
});
