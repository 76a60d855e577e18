// Prometheus itself checks deploy/alerts.yml.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { promtool } from './prometheus.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}
interface RuleTests {
  readonly tests: readonly { readonly name: string; readonly alert_rule_test: readonly object[] }[];
}

it('each alert does not fire before its time, fires after it, and ends with its cause', async () => {
  expect(await promtool('test', 'rules', 'deploy/alerts.test.yml')).toContain('SUCCESS');
});

it('each alert has a test of its rule in deploy/alerts.test.yml', () => {
  const { groups } = parse(readFileSync('deploy/alerts.yml', 'utf8')) as Rules;
  const { tests } = parse(readFileSync('deploy/alerts.test.yml', 'utf8')) as RuleTests;
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(tests.map(({ name }) => name).sort()).toEqual(alerts.sort());
  for (const { alert_rule_test: checks } of tests) expect(checks).toHaveLength(3);
});

it('the example configuration of Prometheus is valid', async () => {
  expect(await promtool('check', 'config', 'deploy/prometheus.yml')).toContain('SUCCESS');
});
