// `npm run bench`: what a renewal costs, in counts and in time, measured on servers of its own in a temporary folder.
import { InvalidArgumentError, Command } from 'commander';
import { stopOnce } from '../dev/embedded/stop-once.ts';
import { inParallel } from '../engine/platform/in-parallel.ts';
import { contractWorkflow } from '../temporal/ids.ts';
import { clockYear } from './clock-year.ts';
import { countRenewals } from './counts.ts';
import { type Results, linesOf, loadNow, machineNow, tableOf, write } from './report.ts';
import { type Bench, startBench } from './servers.ts';
import { throughput } from './throughput.ts';

/** Two runs of a history's usual length, and one more renewal: with a charge a run is shorter. */
const RENEWALS_COUNTED = 45;

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('is not a number from 1');
  return Number(text);
};

interface Options {
  readonly contracts: number;
  readonly pairs: number;
  readonly times: number;
  readonly write: boolean;
  readonly check: boolean;
}

const options = new Command('bench')
  .option('--contracts <n>', 'contracts that are due at once', whole, 1_000)
  .option('--pairs <n>', 'pairs of bare workflow and contracts', whole, 5)
  .option('--times <n>', 'renewals of each contract in a pair', whole, 1)
  .option('--write', 'put the table into README.md and the numbers into bench/results.json', false)
  .option('--check', 'exit 1 if a target is missed', false)
  .parse()
  .opts<Options>();

const say = (line: string): void => console.log(line);

/** The first day of the next month but one: no contract of the bench is due before. */
function later(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1)).toISOString().slice(0, 10);
}

async function measure(bench: Bench): Promise<Results> {
  const before = loadNow();
  const { shop } = bench;
  const start = later();
  const counted = [
    await shop.order({ start }),
    await shop.order({ start, payment_method: { provider: 'sandbox', token: 'card' } }),
  ];
  say('counting …');
  const [renewal, renewalWithCharge] = await countRenewals(bench, counted, RENEWALS_COUNTED);
  if (renewal === undefined || renewalWithCharge === undefined) throw new Error('nothing was counted');
  const year = await clockYear(shop, 100, say);
  say(`a year in ${year.seconds.toFixed(1)} s`);
  const contractIds: string[] = [];
  await inParallel([...Array.from({ length: options.contracts }).keys()], 16, async () => {
    contractIds.push(await shop.order({ start }));
  });
  say(`${contractIds.length} contracts ordered on wall time`);
  const speed = await throughput(
    {
      bare: { ids: contractIds, lapse: bench.bareLapse, wake: (id) => bench.wakeBare(id) },
      contracts: { ids: contractIds, lapse: bench.lapse, wake: (id) => bench.wake(contractWorkflow(id)) },
    },
    options,
    say,
  );
  return {
    machine: machineNow(before),
    renewal,
    renewalWithCharge,
    throughput: { ...speed, contractsDue: options.contracts, times: options.times },
    clockYear: year,
  };
}

const starting = startBench(say);
const stop = stopOnce(async () => (await starting).stop());
try {
  const bench = await starting;
  const results = await measure(bench);
  say(`\n${tableOf(results)}\n`);
  if (options.write) write(results);
  const missed = linesOf(results).filter(({ met }) => !met);
  for (const { what } of missed) console.error(`MISSED  ${what}`);
  if (options.check && missed.length > 0) process.exitCode = 1;
} finally {
  await stop();
}
