import { text, truth } from './columns.ts';
import type { Db } from './pool.ts';
import { type Declared, type Statement, type Values, statement } from './statement.ts';

/** A queue of rows in Postgres that all merchants share. */
interface Queue<D extends Declared> {
  /** The table as `q`, and the condition of waiting rows, as the index of (merchant, due) has it. */
  readonly waiting: string;
  /** The instant at which a row is due: an expression of `q` that the index orders by. */
  readonly due: string;
  /** The instant up to which rows are due now. The expression may have parameters. */
  readonly until: string;
  readonly params: D;
  /** A further condition of rows that can be claimed. */
  readonly free?: string;
  /** How many rows of a backlog are claimed at once. It is also the most merchants of a batch, as each gets at least one row. */
  readonly atOnce: number;
}

/** How many rows of a merchant may be claimed. */
export interface ClaimQuota {
  readonly merchant: string;
  readonly most: number;
}

/** From this number of due rows on there is a backlog. With fewer, all of them are claimed. */
const BACKLOG = 100;
/** How many merchants one look visits at most. */
const MOST_WALKED = 500;
/** How many rows a live merchant gets for each row of a test merchant. */
const LIVE_WEIGHT = 4;

/**
 * SQL that finds merchants with due rows, at a cost that does not depend on how many rows are due. Without a backlog it takes the
 * merchants of the oldest due rows. With a backlog, which may be one merchant's alone, it walks the index from merchant to
 * merchant, starting after `:after`. If none of the visited merchants has due rows, it takes those of the oldest rows again.
 */
function lookSql({ waiting, due, until, free = 'true', atOnce }: Queue<Declared>): string {
  const first = (after: string): string => `select q.merchant_id, ${due} <= ${until} as due
      ${waiting} and q.merchant_id > ${after} order by q.merchant_id, ${due} limit 1`;
  return `
  with recursive head as materialized (
    select q.merchant_id ${waiting} and ${due} <= ${until} and ${free} order by ${due} limit ${BACKLOG}),
  size as materialized (select count(*) = ${BACKLOG} as backlog from head),
  walk (merchant_id, due, n, found) as (
    select f.merchant_id, f.due, 1, f.due::int
    from size cross join lateral (${first(':after')}) f where backlog
    union all
    select f.merchant_id, f.due, w.n + 1, w.found + f.due::int
    from walk w cross join lateral (${first('w.merchant_id')}) f
    where w.n < ${MOST_WALKED} and w.found < ${atOnce}),
  walked as materialized (select * from walk),
  found as (
    select merchant_id from head where not exists (select from walked where due) union select merchant_id from walked where due)
  select s.backlog, s.backlog and not exists (select from walked where due) as passed, m.id as merchant, m.live_merchant_id is null as live,
    (select w.merchant_id from walked w where w.n = ${MOST_WALKED} or w.found = ${atOnce} order by w.n desc limit 1) as last
  from size s left join (found join merchants m on m.id = found.merchant_id) on true`;
}

const found = {
  backlog: truth,
  passed: truth,
  merchant: text.nullable(),
  live: truth,
  /** The last merchant that was visited; null if there are no more after it. */
  last: text.nullable(),
};
const AFTER = { after: 'text' } as const;
type Look<D extends Declared> = Statement<D & typeof AFTER, typeof found>;

/** The merchants whose rows to claim next. */
export interface Next {
  readonly turns: readonly ClaimQuota[];
  /** Whether more rows may be due than these turns claim. */
  readonly backlog: boolean;
  /** Whether none of the visited merchants has due rows. Others may have some, so the next look should come at once. */
  readonly passed: boolean;
}

/** Divides a batch among merchants, live ones first. Each gets at least one row. */
export function turnsOf(
  merchants: readonly { readonly merchant: string; readonly live: boolean }[],
  atOnce: number,
): ClaimQuota[] {
  const weightOf = ({ live }: { readonly live: boolean }): number => (live ? LIVE_WEIGHT : 1);
  const all = merchants.reduce((sum, each) => sum + weightOf(each), 0);
  const liveFirst = merchants.toSorted((a, b) => Number(b.live) - Number(a.live));
  return liveFirst.map((each) => ({
    merchant: each.merchant,
    most: Math.max(1, Math.floor((atOnce * weightOf(each)) / all)),
  }));
}

/** Gives turns in a queue to all merchants with due rows, round after round. Each relay has rounds of its own. */
export class Rounds<D extends Declared> {
  readonly #look: Look<D>;
  readonly #atOnce: number;
  #after = '';

  constructor(look: Look<D>, atOnce: number) {
    this.#look = look;
    this.#atOnce = atOnce;
  }

  /** Finds the merchants whose rows to claim next. */
  async next(db: Db, values: Values<D>): Promise<Next> {
    const rows = await this.#look.rows(db, { ...values, after: this.#after } as Values<D & typeof AFTER>);
    const [{ backlog, passed, last } = { backlog: false, passed: false, last: null }] = rows;
    this.#after = last ?? '';
    const merchants = rows.flatMap(({ merchant, live }) => (merchant === null ? [] : [{ merchant, live }]));
    const turns = backlog
      ? turnsOf(merchants, this.#atOnce)
      : merchants.map(({ merchant }) => ({ merchant, most: BACKLOG }));
    return { turns, backlog, passed };
  }
}

/** Declares the statement that looks at a queue. Each call of the returned function begins new rounds. */
export function roundsOf<const D extends Declared>(name: string, queue: Queue<D>): () => Rounds<D> {
  const look = statement(name, {
    sql: lookSql(queue),
    params: { ...queue.params, ...AFTER },
    row: found,
  });
  return () => new Rounds(look, queue.atOnce);
}
