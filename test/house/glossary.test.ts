// The glossary has each term once, in alphabetical order, and links to terms lead to one that exists.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const GLOSSARY = 'docs/glossary.md';
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'domain/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');

const terms = [...readFileSync(GLOSSARY, 'utf8').matchAll(/^### (.+)$/gm)].map(([, term = '']) => term);
const anchors = new Set(terms.map(anchorOf));

/** The terms that a page links to, by their anchors. */
function linkedFrom(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  const links = page === GLOSSARY ? /\]\(#([^)]+)\)/g : /\]\([^)#]*glossary\.md#([^)]+)\)/g;
  return [...text.matchAll(links)].map(([, anchor = '']) => anchor);
}

test('the glossary has each term once, in alphabetical order', () => {
  expect(terms).toEqual([...new Set(terms)].toSorted((a, b) => a.localeCompare(b, 'en')));
});

test('every term that a page links to is in the glossary', () => {
  const missing = pages.flatMap((page) =>
    linkedFrom(page)
      .filter((anchor) => !anchors.has(anchor))
      .map((anchor) => `${page}: ${anchor}`),
  );
  expect(missing).toEqual([]);
  expect(linkedFrom(GLOSSARY).length).toBeGreaterThan(10);
});
