// The code of a calculating thread. It loads from the database on a connection of its own, so only requests and results are sent
// between threads.
import { workerData } from 'node:worker_threads';
import { createPool } from '../../db/platform/pool.ts';
import { type Task, calculate } from './calculations.ts';
import { type Failure, failureOf } from './failures.ts';

/** The data that a thread gets when it starts. */
export interface ThreadData {
  readonly databaseUrl: string;
  readonly checksRows: boolean;
}

/** The result of a task, or its error. */
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
