// `npm run sim`: random lives through the API, compared with the independent model, on servers of their own.
import { rmSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command, InvalidArgumentError } from 'commander';
import { inParallel } from '../../engine/platform/in-parallel.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { stopOnce } from '../../dev/embedded/stop-once.ts';
import { startStack } from '../../dev/embedded/stack.ts';
import { compose } from '../../compose.ts';
import { createLog } from '../../telemetry/log.ts';
import { migrate } from '../../db/platform/migrate.ts';
import { endPools } from '../../db/platform/pools.ts';
import { connectionsOf } from '../../worker.ts';
import { loadConfig } from '../../config.ts';
import { startTenorAt } from '../support/tenor-at.ts';
import { type World, directWorld, wholeWorld } from './servers.ts';
import { type Tally, addTo, printed } from './tally.ts';
import { throughApi } from './through-api.ts';
import { liveSeed } from './seeded.ts';

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('is not a number from 1');
  return Number(text);
};

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly steps: number;
  readonly sideBySide: number;
  readonly direct: boolean;
  readonly shrink: boolean;
  readonly verbose: boolean;
}

const options = new Command('sim')
  .option('--seed <n>', 'the first seed', whole, 1)
  .option('--count <n>', 'how many seeds, one after the other', whole, 1)
  .option('--steps <n>', 'steps of each life', whole, 100)
  .option('--side-by-side <n>', 'lives at once', whole, 8)
  .option('--direct', 'without Temporal: many times as fast, and an attempt is sent only once', false)
  .option('--no-shrink', 'print a life that is wrong as it was lived')
  .option('--verbose', 'a line for each seed', false)
  .parse()
  .opts<Options>();

const say = (line: string): void => console.log(line);

/** Lives all seeds; answers how many of them are wrong. */
async function run(world: World): Promise<number> {
  let [wrong, lines] = [0, 0];
  const tally: Tally = new Map();
  const seeds = Array.from({ length: options.count }, (_, n) => options.seed + n);
  await inParallel(seeds, options.sideBySide, async (seed) => {
    const outcome = await liveSeed(throughApi(world), seed, options.steps, options.shrink);
    lines += outcome.lines;
    addTo(tally, outcome.tally);
    if (options.verbose)
      say(`seed ${seed}: ${outcome.lines} lines, ${outcome.wrong.length === 0 ? 'right' : 'wrong'}`);
    if (outcome.shortest === null) return;
    wrong++;
    say(`seed ${seed} with ${options.steps} steps; the shortest life that is wrong:`);
    say(JSON.stringify(outcome.shortest));
    for (const each of outcome.wrong) say(`  ${each}`);
  });
  for (const line of printed(tally)) say(line);
  say(`${options.count} lives of ${options.steps} steps, ${lines} lines billed; ${wrong} lives are wrong`);
  return wrong;
}

async function main(): Promise<number> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
  const dataDir = temporaryDataDir('tenor-sim-');
  // Never servers of the user's own, whatever the environment names.
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const starting = startStack({
    dataDir,
    headless: true,
    durable: false,
    config,
    onProgress: () => undefined,
  });
  const end = stopOnce(async () => {
    await (await starting).stop();
    rmSync(dataDir, { recursive: true });
  });
  try {
    const stack = await starting;
    await migrate(stack.databaseUrl);
    const port = await pickPort();
    const apiUrl = `http://127.0.0.1:${port}`;
    const places = { ...stack, temporalConnection: null, apiUrl };
    if (options.direct) {
      const parts = compose(places, createLog('warn'), { name: 'sim', ...connectionsOf(loadConfig({})) });
      const world = await directWorld(stack.databaseUrl, parts, port);
      try {
        return await run(world);
      } finally {
        await world.api.stop();
        await endPools(parts.pools);
      }
    }
    const connection = await Connection.connect({ address: stack.temporalAddress });
    const tenor = await startTenorAt(places, new Client({ connection, namespace: stack.temporalNamespace }));
    const world = await wholeWorld(stack.databaseUrl, tenor.parts, tenor.engine);
    try {
      return await run(world);
    } finally {
      await world.api.stop();
      await tenor.stop();
      await connection.close();
    }
  } finally {
    await end();
  }
}

// Without a worker the runtime of the SDK would keep the process alive.
process.exit((await main()) === 0 ? 0 : 1);
