import { DomainError } from '../../domain/errors.ts';
import type { Db } from './pool.ts';
import {
  type Columns,
  type Declared,
  type Definition,
  type RowOf,
  type Values,
  statement,
} from './statement.ts';

/** Which page of a list to read: at most `limit` rows, after the cursor of the page before. */
export interface PageOf {
  readonly limit: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly data: T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

const PAGE = { after: 'text', limit: 'int' } as const;

interface ListStatement<D extends Declared, C extends Columns> {
  /**
   * One page, oldest first by default. The cursor is the last key of the page before, so rows that are added meanwhile do not shift a page.
   * @throws DomainError invalid_request for a text that is not such a cursor
   */
  page(db: Db, values: Values<D>, page: PageOf): Promise<Page<RowOf<C>>>;
}

/**
 * Declares a statement that returns a list page by page.
 * @param definition its SQL is a select without order and limit; `key` is the column that orders it, with unique texts. The
 *   default is `id`. The rows are in its order, or with `newestFirst` in the reverse order
 */
export function listStatement<const D extends Declared, C extends Columns>(
  name: string,
  {
    key = 'id',
    newestFirst = false,
    ...definition
  }: Required<Pick<Definition<D, C>, 'sql' | 'params' | 'row'>> & {
    readonly key?: string & keyof C;
    readonly newestFirst?: boolean;
  },
): ListStatement<D, C> {
  const after = newestFirst ? `(:after = '' or ${key} < :after)` : `${key} > :after`;
  const listed = statement(name, {
    sql: `select * from (${definition.sql}) listed where ${after} order by ${key} ${newestFirst ? 'desc' : 'asc'} limit :limit`,
    params: { ...definition.params, ...PAGE },
    row: definition.row,
  });
  return {
    async page(db, values, { limit, cursor }) {
      const after = cursor === undefined ? '' : afterCursor(cursor);
      const found = await listed.rows(db, { ...values, after, limit: limit + 1 } as Values<D & typeof PAGE>);
      return cut(found, limit, key);
    },
  };
}

/** Makes a page of rows that were selected with a limit of one more than the page's; `key` is the column that orders them. */
export function cut<Row extends object>(found: readonly Row[], limit: number, key: keyof Row): Page<Row> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const more = found.length > limit && last !== undefined;
  return { data, nextCursor: more ? encodeCursor(String(last[key])) : null };
}

/** Maps the rows of a page, for the API. */
export function mapPage<A, B>(page: Page<A>, map: (row: A) => B): { data: B[]; next_cursor: string | null } {
  return { data: page.data.map(map), next_cursor: page.nextCursor };
}

/** Maps the rows of a page by a read for each. The reads run one after the other, so that a page does not take the whole pool. */
export async function mapPageInTurn<A, B>(
  page: Page<A>,
  map: (row: A) => Promise<B>,
): Promise<{ data: B[]; next_cursor: string | null }> {
  const data: B[] = [];
  for (const row of page.data) data.push(await map(row));
  return { data, next_cursor: page.nextCursor };
}

/** The cursor of the page after the row with this key. */
export function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** The last key of the page before. */
export function afterCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (/^[\x20-\x7e]+$/.test(key) && encodeCursor(key) === cursor) return key;
  throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
}
