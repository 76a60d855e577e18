import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { currentCall } from '../../db/platform/call.ts';
import { Shares } from '../../db/platform/shares.ts';
import { OutOfTime } from '../../db/platform/transient.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Calculator, type Task, calculatorBy } from './calculations.ts';
import { errorOf } from './failures.ts';
import type { Outcome, ThreadData } from './thread.ts';

/** A bill of 5,000 lines needs a fraction of it. */
const HEAP_MB = 512;
/** A calculation that nobody waits for any more may end by itself in so much time; then its thread is ended. */
const LET_END_MS = 1_000;

/** In the image these files are JavaScript; elsewhere a thread has to be told how to read them. */
const COMPILED = import.meta.url.endsWith('.js');

export interface Threads {
  readonly calculator: Calculator;
  /** How many of the threads run. */
  readonly running: () => number;
  readonly count: () => TaskCount;
  stop(): Promise<void>;
}

/** How many calculations there are now. */
interface TaskCount {
  /** A thread works on these. */
  readonly underWay: number;
  /** These wait for a thread, or for the turn of their merchant. */
  readonly waiting: number;
}

export interface ThreadsOptions {
  readonly databaseUrl: string;
  readonly threads: number;
  readonly checksRows?: boolean;
  /** How much memory each may use, 512 MB if left out. */
  readonly heapMb?: number;
  /** Hears of each calculation whose turn has come for how many seconds it waited. */
  readonly waited?: (seconds: number) => void;
}

/**
 * Calculates in threads, beside the event loop. They are divided among merchants as connections are: one alone has all but
 * one, so that there is one for others. A thread that dies fails the request that it worked for, and another takes its place.
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
    // Started when they are needed where that takes long, as each compiles TypeScript.
    minThreads: COMPILED ? threads : 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: COMPILED ? [] : ['--import', loader()],
    atomics: 'disabled', // a thread that waits for tasks hears of a lost connection
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    recordTiming: false,
    workerData: data,
  });
  pool.on('error', () => undefined); // of a thread that had no task
  const shares = new Shares(threads, 0);
  let [taken, inLine] = [0, 0];

  /** Takes a thread; the caller gives it back. */
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
    // A thread that is only starting has its task in the queue of the pool.
    count: () => ({ underWay: taken - pool.queueSize, waiting: inLine + pool.queueSize }),
    stop: () => pool.destroy(),
  };
}

async function run(pool: Piscina, task: Task, signal: AbortSignal): Promise<unknown> {
  const outcome = await (pool.run(task, { signal }) as Promise<Outcome>).catch((error: unknown) => {
    if (signal.aborted) throw new OutOfTime();
    throw new DomainError('not_computed', 'it could not be computed: its thread ended', { cause: error });
  });
  if ('failure' in outcome) throw errorOf(outcome.failure);
  return outcome.result;
}

/** The result, unless the request is given up before: then the thread may end the work, or is ended. */
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

/** The loader that compiles TypeScript as it is imported: a development package. */
function loader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
