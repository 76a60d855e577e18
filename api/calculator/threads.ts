import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { currentCall } from '../../db/platform/call.ts';
import { ConnectionShares } from '../../db/platform/shares.ts';
import { OutOfTime } from '../../db/platform/transient.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Calculator, type Task, calculatorBy } from './calculations.ts';
import { errorOf } from './failures.ts';
import type { Outcome, ThreadData } from './thread.ts';

/** The memory limit of a thread. A bill of 5,000 lines needs a fraction of it. */
const HEAP_MB = 512;
/** How long an abandoned calculation may run in all before its thread is terminated. */
const LET_END_MS = 1_000;

/** Whether these files are compiled, as in the image. Otherwise a thread needs a loader for TypeScript. */
const COMPILED = import.meta.url.endsWith('.js');

/** Running threads, and the calculator that uses them. */
export interface Threads {
  readonly calculator: Calculator;
  /** The number of threads that run. */
  readonly running: () => number;
  readonly count: () => TaskCount;
  stop(): Promise<void>;
}

/** The number of calculations at present. */
interface TaskCount {
  /** Calculations in a thread. */
  readonly underWay: number;
  /** Calculations that wait for a thread, or for the turn of their merchant. */
  readonly waiting: number;
}

export interface ThreadsOptions {
  readonly databaseUrl: string;
  readonly threads: number;
  readonly checksRows?: boolean;
  /** The memory that each thread may use, by default 512 MB. */
  readonly heapMb?: number;
  /** Called when a calculation starts, with the seconds that it waited. */
  readonly waited?: (seconds: number) => void;
}

/**
 * Starts threads that calculate beside the event loop. Merchants share them as they share connections: a single merchant may use
 * all but one, which remains for others. If a thread dies, its request fails, and another thread replaces it.
 */
export function startThreads({
  databaseUrl,
  threads,
  checksRows = true,
  heapMb = HEAP_MB,
  waited = () => undefined,
}: ThreadsOptions): Threads {
  const data: ThreadData = { databaseUrl, checksRows };
  const pool = new Piscina({
    filename: fileURLToPath(new URL(COMPILED ? 'thread.js' : 'thread.ts', import.meta.url)),
    // Threads that must compile TypeScript start slowly, so they are only started when they are needed.
    minThreads: COMPILED ? threads : 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: COMPILED ? [] : ['--import', loader()],
    atomics: 'disabled', // so that a waiting thread notices a lost database connection
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    recordTiming: false,
    workerData: data,
  });
  pool.on('error', () => undefined); // the error of a thread without a task
  const shares = new ConnectionShares(threads, 0);
  let [taken, inLine] = [0, 0];

  /** Takes a thread. The caller gives it back with the returned function. */
  async function take(task: Task, signal: AbortSignal | undefined): Promise<() => void> {
    const asked = performance.now();
    inLine++;
    const giveBack = await shares.take(task.merchant, signal).finally(() => inLine--);
    waited((performance.now() - asked) / 1_000);
    taken++;
    return () => {
      taken--;
      giveBack();
    };
  }
  async function work(task: Task): Promise<unknown> {
    const { signal } = currentCall();
    if (signal?.aborted === true) throw new OutOfTime();
    const giveBack = await take(task, signal);
    const ending = new AbortController();
    const running = run(pool, task, ending.signal).finally(giveBack);
    return unlessGivenUp(running, ending, signal);
  }
  return {
    calculator: calculatorBy(work),
    running: () => pool.threads.length,
    // The task of a thread that is still starting is in the pool's queue.
    count: () => ({ underWay: taken - pool.queueSize, waiting: inLine + pool.queueSize }),
    stop: () => pool.destroy(),
  };
}

async function run(pool: Piscina, task: Task, signal: AbortSignal): Promise<unknown> {
  const outcome = await (pool.run(task, { signal }) as Promise<Outcome>).catch((error: unknown) => {
    if (signal.aborted) throw new OutOfTime();
    throw new DomainError('not_computed', 'the result could not be computed: its thread ended', {
      cause: error,
    });
  });
  if ('failure' in outcome) throw errorOf(outcome.failure);
  return outcome.result;
}

/** Awaits the result. If the request is abandoned before, the thread has `LET_END_MS` in all to finish, and is then terminated. */
function unlessGivenUp<T>(
  running: Promise<T>,
  ending: AbortController,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return running;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new OutOfTime());
      const left = LET_END_MS - (performance.now() - started);
      const timer = setTimeout(() => ending.abort(), Math.max(0, left));
      void running.catch(() => undefined).finally(() => clearTimeout(timer));
    };
    signal.addEventListener('abort', giveUp, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** The loader that compiles TypeScript on import. It is a development dependency. */
function loader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
