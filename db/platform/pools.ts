import { type Pool, type PoolOptions, createPool } from './pool.ts';
import { SharedPool } from './shared-pool.ts';

/**
 * The purposes of connections. Each has a pool of its own, so that work that waits in one holds up no other:
 * - `main`: what a request of the API changes; what a worker does but for the following;
 * - `reads`: what the API reads, and previews;
 * - `settle`: contracts that decide within the task that has woken them;
 * - `relay`: messages, webhooks, sweeps;
 * - `limits`: how many requests an API lets in;
 * - `probe`: whether the database answers.
 */
type Purpose = 'main' | 'reads' | 'settle' | 'relay' | 'limits' | 'probe';
export type Pools = Readonly<Record<Purpose, Pool>>;

/** How many connections each purpose may have; a pool opens those that it needs. */
type PoolSizes = Readonly<Record<Exclude<Purpose, 'limits' | 'probe'>, number>>;

/** A worker runs the same few statements again and again; the API has lists, whose filters may be left out. */
export interface PoolsOptions {
  /** The application name of the connections in Postgres, followed by the purpose. */
  readonly name: string;
  readonly sizes: PoolSizes;
  readonly onePlan?: boolean;
  readonly checksRows?: boolean;
  /** How long `main` may wait for a connection, in milliseconds. */
  readonly connectMs: number;
}

/** The pools of a process. None opens a connection before it is used. */
export function createPools(
  databaseUrl: string,
  { name, sizes, onePlan = false, checksRows = true, connectMs }: PoolsOptions,
): Pools {
  const pool = (purpose: Purpose, options: PoolOptions): Pool =>
    createPool(databaseUrl, { name: `${name} ${purpose}`, checksRows, ...options });
  return {
    main: pool('main', { max: sizes.main, onePlan, limits: { connectMs } }),
    reads: pool('reads', { max: sizes.reads }),
    // Shorter than the task within which it decides, which is begun anew elsewhere. As many decide as there are connections:
    // nobody waits for one, whosever they are.
    settle: pool('settle', {
      max: sizes.settle,
      onePlan: true,
      shared: false,
      limits: { connectMs: 1_500, statementMs: 2_000, lockMs: 250 },
    }),
    // A contract that is locked gets its command later: the messages of others wait for the whole batch.
    relay: pool('relay', {
      max: sizes.relay,
      onePlan,
      inOrder: true,
      limits: { connectMs: 10_000, lockMs: 250 },
    }),
    // A request waits for it at most; what does not answer is let in.
    limits: pool('limits', {
      max: 2,
      shared: false,
      limits: { connectMs: 500, statementMs: 250, lockMs: 100 },
    }),
    probe: pool('probe', { max: 1, limits: { connectMs: 1_000, statementMs: 500 } }),
  };
}

/** Ends them all. */
export async function endPools(pools: Pools): Promise<void> {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
}

/** How a pool stands. */
export interface PoolCount {
  readonly purpose: string;
  readonly max: number;
  readonly open: number;
  readonly idle: number;
  /** Who waits for a connection. */
  readonly waiting: number;
}

/** Whether more statements and transactions wait for connections of these purposes than there are free ones. */
export function isShortOf(pools: Pools, purposes: readonly Purpose[]): boolean {
  return countPools(pools).some(
    ({ purpose, idle, waiting }) => purposes.some((each) => each === purpose) && waiting > idle,
  );
}

/** How each pool stands now. */
export function countPools(pools: Pools): PoolCount[] {
  return Object.entries(pools).map(([purpose, pool]) => ({
    purpose,
    max: pool.options.max,
    open: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool instanceof SharedPool ? pool.inLine : pool.waitingCount,
  }));
}
