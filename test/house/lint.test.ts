// The linter keeps the layers apart. These tests give it files that break each rule, so that they fail if the linter
// silently stops checking.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOTS = 'config.ts compose.ts worker.ts server.ts';
const SERVED = `relay/relay.ts api/app.ts web/main.ts cli/tenor.ts dev/start.ts ${ROOTS}`;

/** The imports that a file of each folder may have, and may not have. `type:` imports only the type. */
const DIRECTIONS: Readonly<Record<string, { may: string; mayNot: string }>> = {
  domain: {
    may: 'domain/arithmetic/ranges.ts',
    mayNot: `temporal/ids.ts telemetry/observer.ts db/platform/pool.ts type:db/platform/pool.ts psp/port.ts documents/pdf.ts engine/contracts/settle.ts
      activities/settle.ts workflows/contract.ts node:fs pg zod decimal.js temporal-polyfill ${SERVED}`,
  },
  'domain/arithmetic': {
    may: 'errors.ts',
    mayNot:
      'catalogue/terms.ts type:catalogue/terms.ts contracts/state.ts books/tax.ts billing/due.ts node:fs',
  },
  'domain/catalogue': {
    may: 'arithmetic/money.ts',
    mayNot: 'contracts/state.ts type:contracts/state.ts books/tax.ts billing/due.ts ../db/platform/pool.ts',
  },
  'domain/contracts': {
    may: 'arithmetic/money.ts catalogue/terms.ts',
    mayNot: `books/charge.ts type:books/charge.ts billing/steps.ts type:billing/steps.ts ../db/platform/pool.ts node:fs
      decimal.js temporal-polyfill`,
  },
  'domain/books': {
    may: 'arithmetic/money.ts contracts/state.ts',
    mayNot: 'billing/steps.ts type:billing/steps.ts payments/dunning.ts ../db/platform/pool.ts node:fs',
  },
  temporal: {
    may: 'temporal/ids.ts @temporalio/client @temporalio/workflow',
    mayNot: `domain/errors.ts telemetry/observer.ts db/platform/pool.ts psp/port.ts engine/contracts/settle.ts activities/settle.ts
      workflows/contract.ts pg express ${SERVED}`,
  },
  telemetry: {
    may: 'telemetry/observer.ts prom-client pino node:net',
    mayNot: `domain/errors.ts temporal/ids.ts db/platform/pool.ts psp/port.ts engine/contracts/settle.ts activities/settle.ts
      workflows/contract.ts pg express @temporalio/worker ${SERVED}`,
  },
  db: {
    may: 'domain/arithmetic/money.ts db/platform/pool.ts temporal/ids.ts pg node:crypto',
    mayNot: `telemetry/observer.ts psp/port.ts type:psp/port.ts documents/pdf.ts engine/contracts/settle.ts activities/settle.ts type:activities/settle.ts
      temporal/client.ts workflows/contract.ts express @temporalio/client decimal.js ${SERVED}`,
  },
  psp: {
    may: 'domain/arithmetic/money.ts db/platform/pool.ts db/platform/statement.ts db/platform/columns.ts temporal/ids.ts zod stripe',
    mayNot: `telemetry/observer.ts db/books/accounts.ts db/platform/outbox.ts temporal/client.ts documents/pdf.ts engine/contracts/settle.ts activities/settle.ts workflows/contract.ts
      @temporalio/client decimal.js ${SERVED}`,
  },
  mail: {
    may: 'domain/text.ts mail/port.ts nodemailer',
    mayNot: `db/platform/pool.ts psp/port.ts telemetry/observer.ts engine/contracts/settle.ts activities/settle.ts workflows/contract.ts pg
      express ${SERVED}`,
  },
  documents: {
    may: 'domain/arithmetic/money.ts',
    mayNot: `db/platform/pool.ts psp/port.ts engine/contracts/settle.ts activities/settle.ts workflows/contract.ts pg ${SERVED}`,
  },
  engine: {
    may: 'domain/arithmetic/money.ts telemetry/observer.ts temporal/ids.ts temporal/messages.ts db/platform/pool.ts psp/port.ts mail/port.ts documents/print.ts',
    mayNot: `psp/sandbox/sandbox.ts mail/smtp.ts activities/settle.ts type:activities/settle.ts workflows/contract.ts
      type:api/schemas/orders.ts api/validate.ts api/wire.ts @temporalio/client @temporalio/activity pg express stripe decimal.js ${SERVED}`,
  },
  activities: {
    may: 'domain/errors.ts telemetry/observer.ts temporal/client.ts db/platform/pool.ts psp/port.ts engine/contracts/settle.ts @temporalio/activity',
    mayNot: `workflows/contract.ts type:workflows/contract.ts express pg decimal.js api/app.ts cli/tenor.ts dev/start.ts
      web/main.ts ${ROOTS}`,
  },
  relay: {
    may: 'temporal/client.ts db/platform/pool.ts psp/port.ts mail/port.ts engine/contracts/settle.ts',
    mayNot: `mail/smtp.ts workflows/contract.ts express pg decimal.js api/app.ts cli/tenor.ts dev/start.ts ${ROOTS}`,
  },
  workflows: {
    may: 'type:activities/settle.ts temporal/ids.ts temporal/messages.ts @temporalio/workflow',
    mayNot: `activities/settle.ts temporal/client.ts telemetry/observer.ts domain/errors.ts type:domain/errors.ts db/platform/pool.ts
      psp/port.ts engine/contracts/settle.ts documents/pdf.ts node:crypto temporal-polyfill/implementation ${SERVED}`,
  },
  api: {
    may: 'domain/errors.ts telemetry/metrics.ts db/platform/pool.ts psp/port.ts documents/print.ts engine/engine.ts express zod',
    mayNot: `psp/sandbox/sandbox.ts activities/settle.ts type:activities/settle.ts workflows/contract.ts relay/relay.ts
      documents/pdf.ts @temporalio/client pg decimal.js web/main.ts cli/tenor.ts dev/start.ts ${ROOTS}`,
  },
  client: {
    may: 'client/problem.ts',
    mayNot: `domain/errors.ts type:domain/errors.ts api/errors.ts db/platform/pool.ts temporal/ids.ts telemetry/observer.ts node:crypto
      type:express zod openapi-fetch ${SERVED}`,
  },
  dev: { may: 'config.ts server.ts db/platform/pool.ts pg', mayNot: 'cli/tenor.ts decimal.js node:process' },
  cli: {
    may: 'config.ts server.ts db/platform/pool.ts dev/start.ts pg',
    mayNot: 'decimal.js temporal-polyfill node:process',
  },
};

/** Lines that read the time, randomness or the environment, or import a library, which only a few files may do. */
const READS: readonly [line: string, rule: string, where: string, elsewhere: string][] = [
  ['export const at = Date.now();', 'no-restricted-globals', 'domain/a.ts', 'cli/a.ts'],
  ['export const at = new Date();', 'no-restricted-globals', 'db/a.ts', 'db/platform/ids.ts'],
  ['export const at = new Date();', 'no-restricted-globals', 'psp/a.ts', 'psp/sandbox/sandbox.ts'],
  ['export const at = Date.now();', 'no-restricted-globals', 'api/a.ts', 'activities/a.ts'],
  ['export const at = Temporal.Now.instant();', 'no-restricted-globals', 'workflows/a.ts', 'cli/b.ts'],
  [
    'export const at = Temporal.Now.instant();',
    'no-restricted-properties',
    'domain/arithmetic/calendar.ts',
    'cli/c.ts',
  ],
  ['export const one = Math.random();', 'no-restricted-properties', 'domain/b.ts', 'cli/d.ts'],
  ['export const { HOME } = process.env;', 'no-restricted-properties', 'cli/e.ts', 'config.ts'],
  ['export const { HOME } = process.env;', 'no-restricted-properties', 'server.ts', 'config.ts'],
  [
    "import 'decimal.js';",
    'no-restricted-imports',
    'domain/arithmetic/calendar.ts',
    'domain/arithmetic/money.ts',
  ],
  [
    "import 'temporal-polyfill/implementation';",
    'no-restricted-imports',
    'domain/arithmetic/money.ts',
    'domain/arithmetic/calendar.ts',
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'tenor-lint-'));
copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lints these files with the project's configuration. Returns `file rule` for each refusal by a `no-restricted-` rule. */
async function refusals(files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${text}\n`);
  }
  const report = await new Promise<string>((finish) => {
    const program = resolve('node_modules/.bin/oxlint');
    execFile(program, ['--format', 'json', ...Object.keys(files)], { cwd: folder }, (_, out) => finish(out));
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

describe('the linter refuses imports against the direction of layers, in', () => {
  it.each(Object.entries(DIRECTIONS))('%s', async (from, { may, mayNot }) => {
    const whats = `${may} ${mayNot}`.split(/\s+/);
    const found = await refusals(
      Object.fromEntries(whats.map((what, index) => [`${from}/${index}.ts`, importOf(from, what)])),
    );
    const forbidden = found.map((each) => whats[Number(/(\d+)\.ts no-restricted-imports$/.exec(each)?.[1])]);
    expect(new Set(forbidden)).toEqual(new Set(mayNot.split(/\s+/)));
  });
});

describe('the linter allows in a few files only:', () => {
  it.each(READS)('%s is refused by %s in %s, and not in %s', async (line, rule, where, elsewhere) => {
    expect(await refusals({ [where]: line, [elsewhere]: line })).toEqual([`${where} ${rule}`]);
  });
});
