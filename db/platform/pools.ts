import { type Pool, type PoolOptions, createPool } from './pool.ts';
import { SharedPool } from './shared-pool.ts';

/**
 * The purposes of connections. Each has a pool of its own, so that work that waits in one pool does not delay the others:
 * - `main`: changes by the API, and all work of a worker except the following;
 * - `reads`: reads and previews by the API;
 * - `settle`: contracts that settle within the workflow task that has woken them;
 * - `relay`: messages, webhooks, sweeps;
 * - `limits`: rate limits of the API;
 * - `probe`: the check whether the database answers.
 */
type Purpose = 'main' | 'reads' | 'settle' | 'relay' | 'limits' | 'probe';
export type Pools = Readonly<Record<Purpose, Pool>>;

/** How many connections each purpose may have. A pool opens a connection when it first needs it. */
type PoolSizes = Readonly<Record<Exclude<Purpose, 'limits' | 'probe'>, number>>;

export interface PoolsOptions {
  /** The application name of the connections in Postgres, followed by the purpose. */
  readonly name: string;
  readonly sizes: PoolSizes;
  /** As in `PoolOptions`. For a worker, which runs the same few statements; not for the API, whose lists have optional filters. */
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
    // The limits are shorter than a workflow task: if that times out, another worker begins it again. The worker settles only as
    // many contracts at once as there are connections, so no merchant waits for one.
    settle: pool('settle', {
      max: sizes.settle,
      onePlan: true,
      shared: false,
      limits: { connectMs: 1_500, statementMs: 2_000, lockMs: 250 },
    }),
    // The rest of a batch waits for its slowest message. The command of a locked contract is therefore stored later.
    relay: pool('relay', {
      max: sizes.relay,
      onePlan,
      inOrder: true,
      limits: { connectMs: 10_000, lockMs: 250 },
    }),
    // A request waits at most so long for its rate limit. If the database does not answer, the request is let in.
    limits: pool('limits', {
      max: 2,
      shared: false,
      limits: { connectMs: 500, statementMs: 250, lockMs: 100 },
    }),
    probe: pool('probe', { max: 1, limits: { connectMs: 1_000, statementMs: 500 } }),
  };
}

/** Ends all pools. */
export async function endPools(pools: Pools): Promise<void> {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
}

/** The number of a pool's connections, by their state. */
export interface PoolCount {
  readonly purpose: string;
  readonly max: number;
  readonly open: number;
  readonly idle: number;
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number;
}

/** Whether in a pool of these purposes more statements and transactions wait than there are idle connections. */
export function isShortOf(pools: Pools, purposes: readonly Purpose[]): boolean {
  return countPools(pools).some(
    ({ purpose, idle, waiting }) => purposes.some((each) => each === purpose) && waiting > idle,
  );
}

/** Counts the connections of each pool. */
export function countPools(pools: Pools): PoolCount[] {
  return Object.entries(pools).map(([purpose, pool]) => ({
    purpose,
    max: pool.options.max,
    open: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool instanceof SharedPool ? pool.inLine : pool.waitingCount,
  }));
}
