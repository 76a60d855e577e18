import { text, truth } from './columns.ts';
import type { Db } from './pool.ts';
import { type Declared, type Statement, type Values, statement } from './statement.ts';

/** A queue of rows in Postgres that all merchants share. */
interface Queue<D extends Declared> {
  /** Its rows: the table as `q`, and what a row must be to wait, as an index of (merchant, due) has it. */
  readonly waiting: string;
  /** When a row is due: an expression of `q` that an index orders by. */
  readonly due: string;
  /** Until when rows are due now; it may name parameters. */
  readonly until: string;
  readonly params: D;
  /** What rows that are due must be besides. */
  readonly free?: string;
  /** How many rows of a backlog are claimed at once: of so many merchants at most, and at least one of each. */
  readonly atOnce: number;
}

/** How many rows of a merchant may be claimed. */
export interface Turn {
  readonly merchant: string;
  readonly most: number;
}

/** With fewer due rows than this there is no backlog, and all of them are claimed. */
const BACKLOG = 100;
/** A look that walks from merchant to merchant ends after so many. */
const MOST_WALKED = 500;
/** A live merchant gets so many times the rows of a test merchant. */
const LIVE_WEIGHT = 4;

/**
 * Merchants that have due rows, in one statement that costs the same however many rows are due. Without a backlog the
 * oldest rows name them. In a backlog, which may be one merchant's alone, it walks from merchant to merchant by the index,
 * from the one after `:after` on; where none of these has due rows, the oldest rows name them, too.
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
  /** The last merchant, when there may be more of them. */
  last: text.nullable(),
};
const AFTER = { after: 'text' } as const;
type Look<D extends Declared> = Statement<D & typeof AFTER, typeof found>;

/** Whose rows to claim next. */
export interface Next {
  readonly turns: readonly Turn[];
  /** This will not be all that is due. */
  readonly backlog: boolean;
  /** The merchants that were passed have nothing due, and those behind them may: the next look should come at once. */
  readonly passed: boolean;
}

/** Divides a batch among merchants, live ones first. Everybody gets at least one row. */
export function turnsOf(
  merchants: readonly { readonly merchant: string; readonly live: boolean }[],
  atOnce: number,
): Turn[] {
  const weightOf = ({ live }: { readonly live: boolean }): number => (live ? LIVE_WEIGHT : 1);
  const all = merchants.reduce((sum, each) => sum + weightOf(each), 0);
  const liveFirst = merchants.toSorted((a, b) => Number(b.live) - Number(a.live));
  return liveFirst.map((each) => ({
    merchant: each.merchant,
    most: Math.max(1, Math.floor((atOnce * weightOf(each)) / all)),
  }));
}

/** Whose turn it is in a queue: all merchants with due rows, round after round. Each relay goes its own rounds. */
export class Rounds<D extends Declared> {
  readonly #look: Look<D>;
  readonly #atOnce: number;
  #after = '';

  constructor(look: Look<D>, atOnce: number) {
    this.#look = look;
    this.#atOnce = atOnce;
  }

  /** Whose rows to claim next. */
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

/** Declares the look at a queue; whoever goes rounds begins them by what it answers. */
export function roundsOf<const D extends Declared>(name: string, queue: Queue<D>): () => Rounds<D> {
  const look = statement(name, {
    sql: lookSql(queue),
    params: { ...queue.params, ...AFTER },
    row: found,
  });
  return () => new Rounds(look, queue.atOnce);
}
