import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ClockYear } from './clock-year.ts';
import type { RenewalCost } from './counts.ts';
import type { Throughput } from './throughput.ts';

export interface Results {
  /** What it ran on; `load` is the load average of a minute, before and after. */
  readonly machine: {
    cores: number;
    gigabytes: number;
    node: string;
    load: readonly [before: number, after: number];
  };
  readonly renewal: RenewalCost;
  readonly renewalWithCharge: RenewalCost;
  readonly throughput: Throughput & { readonly contractsDue: number; readonly times: number };
  readonly clockYear: ClockYear;
}

/** A line of the table: what was measured, what came out, what was promised. */
export interface Line {
  readonly what: string;
  readonly found: string;
  readonly target: string;
  readonly met: boolean;
}

export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

export function machineNow(loadBefore: number): Results['machine'] {
  const load = [loadBefore, loadNow()] as const;
  return { cores: cpus().length, gigabytes: Math.round(totalmem() / 2 ** 30), node: process.version, load };
}

export function linesOf({ renewal, renewalWithCharge: charged, throughput, clockYear }: Results): Line[] {
  const { bare, contracts, ratio, contractsDue } = throughput;
  const line = (what: string, found: string, target: string, met: boolean): Line => ({
    what,
    found,
    target,
    met,
  });
  return [
    counted('History events per renewal', renewal.amortisedEvents, 13),
    counted('History events per renewal with a charge', charged.amortisedEvents, 19),
    counted('SQL statements per renewal', renewal.statements, 7),
    counted('Transactions per renewal', renewal.transactions, 1),
    counted('Transactions per renewal with a charge', charged.transactions, 3),
    line(
      `Renewals per second, ${contractsDue} contracts due at once`,
      `${contracts.toFixed(0)}; bare workflow ${bare.toFixed(0)}; ratio ${ratio.toFixed(2)}`,
      'ratio ≥ 0.70',
      ratio >= 0.7,
    ),
    line(
      `A year of ${clockYear.contracts} contracts on a test clock, ${clockYear.charges} charges`,
      `${clockYear.seconds.toFixed(1)} s; ${clockYear.steps} steps of ${clockYear.msPerStep.toFixed(0)} ms`,
      '< 60 s',
      clockYear.seconds < 60,
    ),
  ];
}

function counted(what: string, found: number, most: number): Line {
  return { what, found: String(Math.round(found * 100) / 100), target: `≤ ${most}`, met: found <= most };
}

export function tableOf(results: Results): string {
  const { cores, gigabytes, node, load } = results.machine;
  const lines = linesOf(results).map(
    ({ what, found, target, met }) => `| ${what} | ${found} | ${target}${met ? '' : ' (missed)'} |`,
  );
  return [
    '| measured | result | target |',
    '|---|---|---|',
    ...lines,
    '',
    `On ${cores} cores, ${gigabytes} GB, Node ${node.slice(1)}, embedded servers on the same machine; load ${load.join(' before, ')} after.`,
  ].join('\n');
}

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const JSON_FILE = fileURLToPath(new URL('./results.json', import.meta.url));
const BETWEEN = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

/** Puts the table into README.md, between its markers, and everything that was measured into a file beside it. */
export function write(results: Results): void {
  const readme = readFileSync(README, 'utf8');
  if (!BETWEEN.test(readme)) throw new Error('README.md has no place for the table');
  writeFileSync(
    README,
    readme.replace(BETWEEN, (_all, begin: string, end: string) => begin + tableOf(results) + '\n' + end),
  );
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 2)}\n`);
}
