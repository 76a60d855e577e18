// The code of a thread that calculates: it loads from the database by a connection of its own, so that only a request and its
// answer cross between threads.
import { workerData } from 'node:worker_threads';
import { createPool } from '../../db/platform/pool.ts';
import { type Task, calculate } from './calculations.ts';
import { type Failure, failureOf } from './failures.ts';

/** The data that a thread gets at its start. */
export interface ThreadData {
  readonly databaseUrl: string;
  readonly checksRows: boolean;
}

export type Outcome = { readonly result: unknown } | { readonly failure: Failure };

const { databaseUrl, checksRows } = workerData as ThreadData;
const pool = createPool(databaseUrl, { max: 1, shared: false, checksRows, name: 'tenor-api calculator' });

/** Does a task that `threads.ts` sends. */
export default async function work(task: Task): Promise<Outcome> {
  try {
    return { result: await calculate(pool, task) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}
