// docs/operations.md describes each metric and each alert.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const page = readFileSync('docs/operations.md', 'utf8');
const section = (title: string): string =>
  page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? '';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

it('each metric has a row in the table of metrics', () => {
  const sources = readdirSync('telemetry').map((file) => readFileSync(`telemetry/${file}`, 'utf8'));
  const metrics = sources.flatMap((text) =>
    [...text.matchAll(/'(tenor_\w+)'/g)].map(([, name = '']) => name),
  );
  const documented = [...section('Metrics').matchAll(/`(tenor_\w+)`(?=[^|\n]*\|[^|\n]*\|)/g)].map(
    ([, name]) => name,
  );
  expect(metrics.length).toBeGreaterThan(10);
  expect(new Set(documented)).toEqual(new Set(metrics));
});

it('each alert has a section that says what to do, and a row with its time', () => {
  const { groups } = parse(readFileSync('deploy/alerts.yml', 'utf8')) as Rules;
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).sort();
  const text = section('Alerts');
  expect([...text.matchAll(/^### (\w+)$/gm)].map(([, title = '']) => title).sort()).toEqual(alerts);
  const [times = ''] = text.split('### ');
  const timed = [...times.matchAll(/^\| (Tenor.*) \| \d/gm)].flatMap(([, names = '']) => names.split(', '));
  expect(timed.sort()).toEqual(alerts);
});

it('each alert has a test that causes it on real processes', () => {
  const titles =
    readFileSync('test/peers/alerts.test.ts', 'utf8')
      .match(/ it\('.*'/g)
      ?.join('\n') ?? '';
  const { groups } = parse(readFileSync('deploy/alerts.yml', 'utf8')) as Rules;
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(alerts.filter((alert) => !titles.includes(alert))).toEqual([]);
});
