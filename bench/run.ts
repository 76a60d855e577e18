// `npm run bench` measures the cost of a renewal, in counts and in time. It starts its own servers in a temporary folder.
import { InvalidArgumentError, Command, Option } from 'commander';
import { stopOnce } from '../dev/embedded/stop-once.ts';
import { FULL, MEASURES, SMALL, type Sizes } from './measures.ts';
import { type Measured, linesOf, loadNow, machineNow, rowOf, tableOf, write } from './report.ts';
import { type Bench, startBench } from './servers.ts';

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('must be a number from 1.');
  return Number(text);
};

interface Options {
  readonly contracts?: number;
  readonly pairs?: number;
  readonly times?: number;
  readonly only: readonly string[];
  readonly small: boolean;
  readonly write: boolean;
  readonly check: boolean;
}

const options = new Command('bench')
  .option('--contracts <n>', 'contracts that are due at once', whole)
  .option('--pairs <n>', 'pairs of bare workflow and contracts', whole)
  .option('--times <n>', 'renewals of each contract in a pair', whole)
  .addOption(
    new Option('--only <measures...>', 'run only these measurements')
      .choices(Object.keys(MEASURES))
      .default(Object.keys(MEASURES)),
  )
  .option('--small', 'use small sizes, to try the bench', false)
  .addOption(
    new Option(
      '--write',
      'write the results to docs/performance.md, README.md and bench/results.json, after each measurement',
    )
      .default(false)
      .conflicts('small'),
  )
  .option('--check', 'exit 1 if a target is missed', false)
  .parse()
  .opts<Options>();

const say = (line: string): void => console.log(line);

/** The first day of the month after next. No contract of the bench is due before. */
function later(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1)).toISOString().slice(0, 10);
}

async function measure(bench: Bench): Promise<Measured> {
  const before = loadNow();
  const began = performance.now();
  const sizes: Sizes = { ...(options.small ? SMALL : FULL), ...options };
  let results: Measured = {};
  for (const [name, run] of Object.entries(MEASURES)) {
    if (!options.only.includes(name)) continue;
    const found = await run(bench, sizes, say);
    const minutes = (performance.now() - began) / 60_000;
    say(
      `${linesOf(found).map(rowOf).join('\n')}\n${name} measured, ${minutes.toFixed(1)} minutes after the start`,
    );
    results = { ...results, ...found, machine: machineNow(before) };
    if (options.write) write(results);
  }
  return results;
}

const starting = startBench(later(), say);
const stop = stopOnce(async () => (await starting).stop());
try {
  const bench = await starting;
  const results = await measure(bench);
  say(`\n${tableOf(results)}\n`);
  const missed = linesOf(results).filter(({ met }) => !met);
  for (const { what } of missed) console.error(`MISSED  ${what}`);
  if (options.check && missed.length > 0) process.exitCode = 1;
} finally {
  await stop();
}
