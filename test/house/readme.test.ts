// Strangers read README.md first, so it stays short. Everything else has a page below docs/.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const PAGES = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));

/** The links of a page to files or folders that do not exist. */
function deadLinks(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)))
    .map((target) => `${page}: ${target}`);
}

test('README.md has at most 120 lines', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('every link of a page leads to a file that exists', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'domain/README.md',
    ...PAGES,
  ];
  expect(pages.flatMap(deadLinks)).toEqual([]);
});

test('README.md has a link to every guide', () => {
  const readme = readFileSync('README.md', 'utf8');
  const guides = PAGES.filter((page) => page.startsWith('docs/guides/'));
  expect(guides.filter((guide) => !readme.includes(`(${guide})`))).toEqual([]);
});

test('docs/configuration.md has each variable that config.ts reads', () => {
  const config = readFileSync('config.ts', 'utf8');
  const [schema = ''] = /const variables = z\.object\(\{[\s\S]*?\n\}\)/.exec(config) ?? [];
  const variables = [...schema.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name = '']) => name);
  const page = readFileSync('docs/configuration.md', 'utf8');
  expect(variables.length).toBeGreaterThan(20);
  expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
