// `npm run sim`: random lives through the API, compared with the independent model. It starts its own servers.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command, InvalidArgumentError } from 'commander';
import { inParallel } from '../../engine/platform/in-parallel.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { stopOnce } from '../../dev/embedded/stop-once.ts';
import { type Stack, startStack } from '../../dev/embedded/stack.ts';
import { type Places, compose } from '../../compose.ts';
import { createLog } from '../../telemetry/log.ts';
import { migrate } from '../../db/platform/migrate.ts';
import { endPools } from '../../db/platform/pools.ts';
import { connectionsOf } from '../../worker.ts';
import { loadConfig } from '../../config.ts';
import { startTenorAt } from '../support/tenor-at.ts';
import { makeImage } from '../served/image.ts';
import { killedWorld } from './killed/world.ts';
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
  readonly killed: boolean;
  readonly shrink: boolean;
  readonly verbose: boolean;
}

const options = new Command('sim')
  .option('--seed <n>', 'the first seed', whole, 1)
  .option('--count <n>', 'how many seeds, one after the other', whole, 1)
  .option('--steps <n>', 'steps of each life', whole, 100)
  .option('--side-by-side <n>', 'lives at once', whole, 8)
  .option('--direct', 'without Temporal: many times as fast, and an attempt is sent only once', false)
  .option('--killed', 'with two APIs and two workers, one of which is killed every few requests', false)
  .option('--no-shrink', 'print a wrong life without shortening it')
  .option('--verbose', 'a line for each seed', false)
  .parse()
  .opts<Options>();

const say = (line: string): void => console.log(line);

/** Runs the lives of all seeds. Returns how many of them are wrong. */
async function run({ world, faults }: Opened): Promise<number> {
  let [wrong, lines] = [0, 0];
  const tally: Tally = new Map();
  const seeds = Array.from({ length: options.count }, (_, n) => options.seed + n);
  // A life in which a process was killed cannot be repeated exactly.
  const how = { shrinks: options.shrink && !options.killed, rests: options.killed };
  await inParallel(seeds, options.sideBySide, async (seed) => {
    const before = faults.length;
    const outcome = await liveSeed(throughApi(world), seed, options.steps, how);
    lines += outcome.lines;
    addTo(tally, outcome.tally);
    if (options.verbose)
      say(`seed ${seed}: ${outcome.lines} lines, ${outcome.wrong.length === 0 ? 'right' : 'wrong'}`);
    if (outcome.shortest === null) return;
    wrong++;
    say(`seed ${seed} with ${options.steps} steps; the shortest life that is wrong:`);
    say(JSON.stringify(outcome.shortest));
    for (const each of [...faults.slice(before), ...outcome.wrong]) say(`  ${each}`);
  });
  for (const line of printed(tally)) say(line);
  if (options.killed) say(`${faults.length} times a process was killed or connections were cut`);
  say(`${options.count} lives of ${options.steps} steps, ${lines} lines billed; ${wrong} lives are wrong`);
  return wrong;
}

/** A world, and the faults of its processes so far. */
interface Opened {
  readonly world: World;
  readonly faults: readonly string[];
  close(): Promise<void>;
}

function open(stack: Stack): Promise<Opened> {
  if (options.killed) return openKilled(stack);
  return options.direct ? openDirect(stack) : openWhole(stack);
}

async function openKilled(stack: Stack): Promise<Opened> {
  const image = join(stack.dataDir, 'image');
  await makeImage(image);
  // With more lives at once, more requests come between two faults.
  const pace = { least: 2 * options.sideBySide, most: 10 * options.sideBySide };
  const world = await killedWorld({ image, places: stack, seed: options.seed, pace });
  return { world, faults: world.faults, close: () => world.api.stop() };
}

async function placesIn(stack: Stack): Promise<{ port: number; places: Places }> {
  const port = await pickPort();
  return { port, places: { ...stack, temporalConnection: null, apiUrl: `http://127.0.0.1:${port}` } };
}

async function openDirect(stack: Stack): Promise<Opened> {
  const { port, places } = await placesIn(stack);
  const parts = compose(places, createLog('warn'), { name: 'sim', ...connectionsOf(loadConfig({})) });
  const world = await directWorld(stack.databaseUrl, parts, port);
  return {
    world,
    faults: [],
    async close() {
      await world.api.stop();
      await endPools(parts.pools);
    },
  };
}

async function openWhole(stack: Stack): Promise<Opened> {
  const { places } = await placesIn(stack);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const tenor = await startTenorAt(places, new Client({ connection, namespace: stack.temporalNamespace }));
  const world = await wholeWorld(stack.databaseUrl, tenor.parts, tenor.engine);
  return {
    world,
    faults: [],
    async close() {
      await world.api.stop();
      await tenor.stop();
      await connection.close();
    },
  };
}

async function main(): Promise<number> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
  const dataDir = temporaryDataDir('tenor-sim-');
  // Never the servers that the environment names.
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const starting = startStack({
    dataDir,
    headless: true,
    durable: false,
    config,
    onProgress: () => undefined,
  });
  const opening = starting.then(async (stack) => {
    await migrate(stack.databaseUrl);
    return open(stack);
  });
  const end = stopOnce(async () => {
    await opening.then(
      (opened) => opened.close(),
      () => undefined,
    );
    await (await starting).stop();
    rmSync(dataDir, { recursive: true });
  });
  let wrong = 0;
  try {
    wrong = await run(await opening);
  } catch (error) {
    say(`the run failed: ${inspect(error)}`); // printed before the servers stop, which may fail, too
    throw error;
  } finally {
    await end();
  }
  const { errors } = (await opening).world.api;
  for (const error of errors) say(`an error in Tenor: ${JSON.stringify(error)}`);
  return wrong + errors.length;
}

// Without a worker the runtime of the SDK would keep the process alive.
process.exit((await main()) === 0 ? 0 : 1);
