import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Pool } from '../db/platform/pool.ts';

/** The statements and transactions of one execution of an activity. */
export interface Execution {
  readonly workflowId: string;
  readonly activity: string;
  /** The first one is 1. */
  readonly attempt: number;
  /** Whether it was a local activity. */
  readonly local: boolean;
  /** Statements without BEGIN and COMMIT. */
  statements: number;
  /** The statements outside of transactions: single reads. */
  alone: number;
  /** Transactions with at least one statement. */
  transactions: number;
}

/** Statements on the sandbox provider's own tables are not counted, as a real provider has its own database. */
const BOOKS = /\bsandbox\./;

/** Counts the statements of activities on pools. Other statements, such as those of the relay, are not counted. */
export class Tally {
  readonly executions: Execution[] = [];
  readonly #current = new AsyncLocalStorage<Execution>();

  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: (input, next) => {
        const workflowId = info.workflowExecution?.workflowId ?? '';
        const execution = {
          workflowId,
          activity: info.activityType,
          attempt: info.attempt,
          local: info.isLocal,
          statements: 0,
          alone: 0,
          transactions: 0,
        };
        this.executions.push(execution);
        return this.#current.run(execution, () => next(input));
      },
    },
  });

  /** Counts on all connections of a pool. */
  watch(pool: Pool): void {
    const watched = new WeakSet<object>();
    pool.on('acquire', (client) => {
      if (watched.has(client)) return;
      watched.add(client);
      const note = this.#notes();
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      const noting = (...given: unknown[]): unknown => {
        note(textOf(given[0]));
        return query(...given);
      };
      Object.assign(client, { query: noting });
    });
  }

  /** Creates the counter of one connection. It knows whether a transaction is open, and whether that was counted. */
  #notes(): (text: string) => void {
    let open: 'none' | 'empty' | 'counted' = 'none';
    return (text) => {
      if (text === 'begin') open = 'empty';
      else if (text === 'commit' || text === 'rollback') open = 'none';
      else {
        const execution = this.#current.getStore();
        if (execution === undefined || BOOKS.test(text)) return;
        execution.statements += 1;
        if (open === 'none') execution.alone += 1;
        if (open === 'empty') execution.transactions += 1;
        if (open === 'empty') open = 'counted';
      }
    };
  }
}

function textOf(given: unknown): string {
  if (typeof given === 'string') return given;
  return typeof given === 'object' && given !== null && 'text' in given ? String(given.text) : '';
}
