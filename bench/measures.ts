import { contractWorkflow } from '../temporal/ids.ts';
import { burst } from './burst.ts';
import { clockYear } from './clock-year.ts';
import { compare } from './compare.ts';
import { countRenewals } from './counts.ts';
import type { Measured } from './report.ts';
import type { Bench } from './servers.ts';
import { type Herd, throughput } from './throughput.ts';
import { pdfSpeed } from './pdfs.ts';
import { webhookSpeed } from './webhooks.ts';

/** The sizes of the measurements. */
export interface Sizes {
  /** Contracts on a test clock. */
  readonly clocked: number;
  /** Contracts that are due at once, in pairs with as many bare workflows. */
  readonly contracts: number;
  readonly pairs: number;
  /** Renewals of each contract in a pair. */
  readonly times: number;
  /** Contracts that are due at once, compared with `contracts`. */
  readonly burst: number;
  /** Contracts of one account, compared with as many accounts. */
  readonly ofOneAccount: number;
  /** Pairs of the comparison by accounts. */
  readonly accountPairs: number;
  /** Webhooks to one endpoint. */
  readonly webhooks: number;
  /** PDFs of one page. */
  readonly pdfs: number;
}

/** The sizes of a full run. */
export const FULL: Sizes = {
  clocked: 100,
  contracts: 1_000,
  pairs: 5,
  times: 1,
  burst: 10_000,
  ofOneAccount: 2_000,
  accountPairs: 3,
  webhooks: 5_000,
  pdfs: 1_000,
};

/** The sizes of a short run, to try the bench. Its results mean little. */
export const SMALL: Sizes = {
  clocked: 9,
  contracts: 100,
  pairs: 2,
  times: 1,
  burst: 400,
  ofOneAccount: 200,
  accountPairs: 2,
  webhooks: 500,
  pdfs: 100,
};

/** Enough renewals for two whole runs and one more renewal. With a charge, a run has fewer renewals. */
const RENEWALS_COUNTED = 45;

type Report = (line: string) => void;
type Measure = (bench: Bench, sizes: Sizes, report: Report) => Promise<Measured>;

/** The measurements by their names on the command line. They run in order of size, as each leaves its contracts in the database. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  counts: async (bench, _sizes, report) => {
    const { shop } = bench;
    const { start } = shop;
    const counted = [
      await shop.order({ start }),
      await shop.order({ start, payment_method: { provider: 'sandbox', token: 'card' } }),
    ];
    report('counting …');
    const [renewal, renewalWithCharge] = await countRenewals(bench, counted, RENEWALS_COUNTED);
    if (renewal === undefined || renewalWithCharge === undefined) throw new Error('nothing was counted');
    return { renewal, renewalWithCharge };
  },
  webhooks: async ({ shop, pool }, { webhooks }, report) => {
    report('sending webhooks …');
    return { webhooks: await webhookSpeed({ api: shop.api, pool }, webhooks) };
  },
  pdfs: async (_bench, { pdfs }, report) => {
    report('rendering PDFs …');
    return { pdfs: await pdfSpeed(pdfs) };
  },
  'clock-year': async ({ shop }, { clocked }, report) => ({
    clockYear: await clockYear(shop, clocked, report),
  }),
  throughput: async (bench, { contracts, pairs, times }, report) => {
    const these = herdOf(bench, await bench.shop.contracts(contracts));
    const { bareLapse: lapse, cpu } = bench;
    const bare = { ids: these.ids, lapse, cpu, wake: (id: string) => bench.wakeBare(id) };
    const speed = await throughput({ bare, contracts: these }, { pairs, times }, report);
    return { throughput: { ...speed, contractsDue: contracts, times } };
  },
  burst: async (bench, sizes, report) => {
    const all = herdOf(bench, await bench.shop.contracts(sizes.burst));
    return { burst: await burst(all, { few: sizes.contracts, books: bench }, report) };
  },
  'one-account': async (bench, { ofOneAccount, accountPairs: pairs }, report) => {
    const those = herdOf(bench, await bench.shop.contracts(ofOneAccount));
    const these = herdOf(bench, await bench.shop.contractsOfOneAccount(ofOneAccount));
    return { oneAccount: await compare({ these, those }, { name: 'one account', pairs }, report) };
  },
};

function herdOf(bench: Bench, ids: readonly string[]): Herd {
  const { lapse, cpu } = bench;
  return { ids, lapse, cpu, wake: (id) => bench.wake(contractWorkflow(id)) };
}
