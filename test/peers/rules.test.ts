// deploy/alerts.yml as Prometheus itself reads it.
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

it('the alert rules are silent before their time, fire after it, and end with their cause', async () => {
  expect(await promtool('test', 'rules', 'deploy/alerts.test.yml')).toContain('SUCCESS');
});

it('each alert rule has such a test', () => {
  const { groups } = parse(readFileSync('deploy/alerts.yml', 'utf8')) as Rules;
  const { tests } = parse(readFileSync('deploy/alerts.test.yml', 'utf8')) as RuleTests;
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(tests.map(({ name }) => name).sort()).toEqual(alerts.sort());
  for (const { alert_rule_test: looks } of tests) expect(looks).toHaveLength(3);
});

it('the example of a configuration is one', async () => {
  expect(await promtool('check', 'config', 'deploy/prometheus.yml')).toContain('SUCCESS');
});
