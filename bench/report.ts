import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Burst } from './burst.ts';
import type { ClockYear } from './clock-year.ts';
import type { Compared } from './compare.ts';
import type { RenewalCost } from './counts.ts';
import { millis } from './cpu.ts';
import type { PdfSpeed } from './pdfs.ts';
import type { Throughput } from './throughput.ts';
import type { WebhookSpeed } from './webhooks.ts';

interface Results {
  /** The machine. `load` is the load average of one minute, before and after. */
  readonly machine: {
    readonly cores: number;
    readonly gigabytes: number;
    readonly node: string;
    readonly load: readonly [before: number, after: number];
  };
  readonly renewal: RenewalCost;
  readonly renewalWithCharge: RenewalCost;
  readonly throughput: Throughput & { readonly contractsDue: number; readonly times: number };
  readonly clockYear: ClockYear;
  readonly burst: Burst;
  readonly oneAccount: Compared;
  readonly webhooks: WebhookSpeed;
  readonly pdfs: PdfSpeed;
}

/** The results so far. */
export type Measured = Partial<Results>;

/** A line of the table: the name of the measurement, its result and its target. */
interface Line {
  readonly what: string;
  readonly found: string;
  readonly target: string;
  readonly met: boolean;
  /** Whether the line is also in the short table of README.md. */
  readonly headline?: true;
}

/** The load average of one minute. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

/** Describes this machine. */
export function machineNow(loadBefore: number): Results['machine'] {
  const load = [loadBefore, loadNow()] as const;
  return { cores: cpus().length, gigabytes: Math.round(totalmem() / 2 ** 30), node: process.version, load };
}

/** The lines of the table for the results so far. */
export function linesOf(measured: Measured): Line[] {
  const { renewal, renewalWithCharge, throughput, burst, oneAccount, clockYear, webhooks, pdfs } = measured;
  return [
    ...(renewal === undefined || renewalWithCharge === undefined
      ? []
      : linesOfCounts(renewal, renewalWithCharge)),
    ...(throughput === undefined ? [] : linesOfThroughput(throughput)),
    ...(burst === undefined ? [] : linesOfBurst(burst)),
    ...(oneAccount === undefined ? [] : [lineOfAccount(oneAccount)]),
    ...(clockYear === undefined ? [] : [lineOfYear(clockYear)]),
    ...(webhooks === undefined ? [] : [lineOfWebhooks(webhooks)]),
    ...(pdfs === undefined ? [] : [lineOfPdfs(pdfs)]),
  ];
}

function linesOfCounts(renewal: RenewalCost, charged: RenewalCost): Line[] {
  return [
    { ...counted('History events per renewal', renewal.amortisedEvents, 13), headline: true },
    counted('History events per renewal with a charge', charged.amortisedEvents, 19),
    { ...counted('SQL statements per renewal', renewal.statements, 7), headline: true },
    { ...counted('Transactions per renewal', renewal.transactions, 1), headline: true },
    counted('Transactions per renewal with a charge', charged.transactions, 3),
  ];
}

function counted(what: string, found: number, most: number): Line {
  return { what, found: String(Math.round(found * 100) / 100), target: `≤ ${most}`, met: found <= most };
}

function linesOfThroughput({
  bare,
  contracts,
  ratio,
  contractsDue,
  cpuMs,
}: Required<Results>['throughput']): Line[] {
  return [
    {
      what: `Renewals per second, ${grouped(contractsDue)} contracts due at once`,
      found: `${contracts.toFixed(0)}; bare workflow ${bare.toFixed(0)}; ratio ${ratio.toFixed(2)}`,
      target: 'ratio ≥ 0.70',
      met: ratio >= 0.7,
      headline: true,
    },
    {
      what: 'CPU per renewal, of all processes',
      found: `${millis(cpuMs.contracts)}; bare workflow ${millis(cpuMs.bare)}`,
      target: '',
      met: true,
    },
  ];
}

function linesOfBurst({ contracts, perSecond, few, ratio, retries, bills }: Burst): Line[] {
  return [
    {
      what: `Renewals per second, ${grouped(contracts)} contracts due at once, compared with ${grouped(few)}`,
      found: `${perSecond.toFixed(0)}; ratio ${ratio.toFixed(2)}`,
      target: 'ratio ≥ 0.50',
      met: ratio >= 0.5,
    },
    {
      what: `Bills per contract, and retries of activities, with ${grouped(contracts)} due at once`,
      found: `${bills.fewest === bills.most ? bills.most : `${bills.fewest} to ${bills.most}`}; ${retries}`,
      target: '1; 0',
      met: bills.fewest === 1 && bills.most === 1 && retries === 0,
    },
  ];
}

function lineOfAccount({ contracts, these, those, ratio }: Compared): Line {
  return {
    what: `Renewals per second, ${grouped(contracts)} contracts of one account, compared with as many accounts`,
    found: `${these.toFixed(0)}; ${those.toFixed(0)}; ratio ${ratio.toFixed(2)}`,
    target: 'ratio ≥ 0.70',
    met: ratio >= 0.7,
  };
}

function lineOfYear({ contracts, charges, seconds, steps, msPerStep }: ClockYear): Line {
  return {
    what: `A year of ${contracts} contracts on a test clock, ${grouped(charges)} charges`,
    found: `${seconds.toFixed(1)} s; ${steps} steps of ${msPerStep.toFixed(0)} ms`,
    target: '< 60 s',
    met: seconds < 60,
  };
}

function lineOfWebhooks({ webhooks, perSecond }: WebhookSpeed): Line {
  return {
    what: `Webhooks per second to one endpoint on this machine, ${grouped(webhooks)} waiting`,
    found: perSecond.toFixed(0),
    target: '≥ 100',
    met: perSecond >= 100,
    headline: true,
  };
}

function lineOfPdfs({ perSecond }: PdfSpeed): Line {
  return {
    what: 'PDFs of one page per second, rendered by one thread',
    found: perSecond.toFixed(0),
    target: '≥ 100',
    met: perSecond >= 100,
    headline: true,
  };
}

const grouped = (count: number): string => count.toLocaleString('en');

/** Formats a line as Markdown. */
export function rowOf({ what, found, target, met }: Line): string {
  return `| ${what} | ${found} | ${target}${met ? '' : ' (missed)'} |`;
}

/** Formats all lines as a Markdown table, or only the headlines. */
export function tableOf(measured: Measured, which: 'all' | 'headlines' = 'all'): string {
  const { machine } = measured;
  return [
    '| measured | result | target |',
    '|---|---|---|',
    ...linesOf(measured)
      .filter(({ headline }) => which === 'all' || headline === true)
      .map(rowOf),
    ...(machine === undefined ? [] : ['', conditions(machine)]),
  ].join('\n');
}

function conditions({ cores, gigabytes, node, load }: Results['machine']): string {
  return `On ${cores} cores, ${gigabytes} GB, Node ${node.slice(1)}, embedded servers on the same machine; load ${load.join(' before, ')} after.`;
}

const JSON_FILE = fileURLToPath(new URL('./results.json', import.meta.url));
const PLACES = [
  { file: 'README.md', which: 'headlines' },
  { file: 'docs/performance.md', which: 'all' },
] as const;
const BETWEEN = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

/**
 * Puts the table between the markers of a text.
 * @throws Error if the text has no markers
 */
export function withTable(text: string, table: string): string {
  if (!BETWEEN.test(text)) throw new Error('the text has no <!-- bench --> markers for the table');
  return text.replace(BETWEEN, (_all, begin: string, end: string) => `${begin}${table}\n${end}`);
}

/**
 * Writes the results to bench/results.json, the table to docs/performance.md, and its headlines to README.md. Results that were not
 * measured stay as they were.
 */
export function write(measured: Measured): void {
  const before = JSON.parse(readFileSync(JSON_FILE, 'utf8')) as Measured;
  const all = { ...before, ...measured };
  for (const { file, which } of PLACES) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    writeFileSync(path, withTable(readFileSync(path, 'utf8'), tableOf(all, which)));
  }
  writeFileSync(JSON_FILE, `${JSON.stringify(all, null, 2)}\n`);
}
