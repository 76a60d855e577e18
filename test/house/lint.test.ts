// The lint is what holds the layers apart. Here it is given files that break each rule, so that a lint which has
// silently stopped looking turns red.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOTS = 'config.ts compose.ts worker.ts server.ts';
const SERVED = `api/app.ts web/main.ts cli/tenor.ts ${ROOTS}`;

/** What a file of each folder may import, and what it may not; `type:` imports the type only. */
const DIRECTIONS: Readonly<Record<string, { may: string; mayNot: string }>> = {
  domain: {
    may: 'domain/ranges.ts',
    mayNot: `db/pool.ts type:db/pool.ts psp/port.ts documents/pdf.ts activities/settle.ts workflows/messages.ts
      node:fs pg zod decimal.js temporal-polyfill ${SERVED}`,
  },
  'domain/contract': {
    may: 'money.ts domain/contract/state.ts',
    mayNot:
      'billing/charge.ts type:billing/charge.ts steps.ts type:steps.ts ../db/pool.ts node:fs decimal.js temporal-polyfill',
  },
  'domain/billing': {
    may: 'money.ts contract/state.ts',
    mayNot: 'steps.ts type:steps.ts ../db/pool.ts node:fs decimal.js temporal-polyfill',
  },
  db: {
    may: 'domain/money.ts db/pool.ts type:psp/port.ts pg node:crypto',
    mayNot: `psp/port.ts documents/pdf.ts activities/settle.ts type:activities/settle.ts workflows/messages.ts
      express decimal.js temporal-polyfill/implementation ${SERVED}`,
  },
  psp: {
    may: 'domain/money.ts db/pool.ts zod stripe',
    mayNot: `db/accounts.ts documents/pdf.ts activities/settle.ts workflows/messages.ts @temporalio/client decimal.js ${SERVED}`,
  },
  documents: {
    may: 'domain/money.ts',
    mayNot: `db/pool.ts psp/port.ts activities/settle.ts workflows/messages.ts pg ${SERVED}`,
  },
  activities: {
    may: 'domain/money.ts db/pool.ts psp/port.ts documents/pdf.ts workflows/messages.ts @temporalio/activity',
    mayNot: `workflows/contract.ts type:workflows/contract.ts express pg decimal.js ${SERVED}`,
  },
  workflows: {
    may: 'type:activities/settle.ts workflows/messages.ts @temporalio/workflow',
    mayNot: `activities/settle.ts domain/money.ts type:domain/money.ts db/pool.ts psp/port.ts documents/pdf.ts
      node:crypto temporal-polyfill/implementation ${SERVED}`,
  },
  api: {
    may: 'domain/money.ts db/pool.ts psp/port.ts documents/print.ts workflows/messages.ts express zod',
    mayNot: `psp/sandbox/sandbox.ts activities/settle.ts type:activities/settle.ts workflows/contract.ts
      documents/pdf.ts pg decimal.js web/main.ts cli/tenor.ts ${ROOTS}`,
  },
  cli: { may: 'config.ts server.ts db/pool.ts pg', mayNot: 'decimal.js temporal-polyfill node:process' },
};

/** Lines that ask for what only a few may ask for. */
const READS: readonly [line: string, rule: string, where: string, elsewhere: string][] = [
  ['export const at = Date.now();', 'no-restricted-globals', 'domain/a.ts', 'cli/a.ts'],
  ['export const at = new Date();', 'no-restricted-globals', 'db/a.ts', 'db/ids.ts'],
  ['export const at = new Date();', 'no-restricted-globals', 'psp/a.ts', 'psp/sandbox/sandbox.ts'],
  ['export const at = Date.now();', 'no-restricted-globals', 'api/a.ts', 'activities/a.ts'],
  ['export const at = Temporal.Now.instant();', 'no-restricted-globals', 'workflows/a.ts', 'cli/b.ts'],
  ['export const at = Temporal.Now.instant();', 'no-restricted-properties', 'domain/calendar.ts', 'cli/c.ts'],
  ['export const one = Math.random();', 'no-restricted-properties', 'domain/b.ts', 'cli/d.ts'],
  ['export const { HOME } = process.env;', 'no-restricted-properties', 'cli/e.ts', 'config.ts'],
  ['export const { HOME } = process.env;', 'no-restricted-properties', 'server.ts', 'config.ts'],
  ["import 'decimal.js';", 'no-restricted-imports', 'domain/calendar.ts', 'domain/money.ts'],
  [
    "import 'temporal-polyfill/implementation';",
    'no-restricted-imports',
    'domain/money.ts',
    'domain/calendar.ts',
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'tenor-lint-'));
copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lints these files with the project's own configuration; answers `file rule` for each refusal of a restricted thing. */
async function refused(files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${text}\n`);
  }
  const report = await new Promise<string>((done) => {
    const program = resolve('node_modules/.bin/oxlint');
    execFile(program, ['--format', 'json', ...Object.keys(files)], { cwd: folder }, (_, out) => done(out));
  });
  const { diagnostics } = JSON.parse(report) as { diagnostics: { code: string; filename: string }[] };
  return diagnostics
    .map(({ code, filename }) => `${filename} ${/\((.*)\)/.exec(code)?.[1]}`)
    .filter((each) => / no-restricted-/.test(each));
}

function importOf(from: string, what: string): string {
  const target = what.replace('type:', '');
  const place = target.startsWith(`${from}/`) ? target.replace(from, '.') : `../${target}`;
  return `export ${what === target ? '' : 'type '}{ x } from '${target.endsWith('.ts') ? place : target}';`;
}

describe('imports go one way', () => {
  it.each(Object.entries(DIRECTIONS))('%s', async (from, { may, mayNot }) => {
    const whats = `${may} ${mayNot}`.split(/\s+/);
    const found = await refused(
      Object.fromEntries(whats.map((what, index) => [`${from}/${index}.ts`, importOf(from, what)])),
    );
    const forbidden = found.map((each) => whats[Number(/(\d+)\.ts no-restricted-imports$/.exec(each)?.[1])]);
    expect(new Set(forbidden)).toEqual(new Set(mayNot.split(/\s+/)));
  });
});

describe('what only a few may ask for', () => {
  it.each(READS)('%s is refused by %s in %s, and not in %s', async (line, rule, where, elsewhere) => {
    expect(await refused({ [where]: line, [elsewhere]: line })).toEqual([`${where} ${rule}`]);
  });
});
