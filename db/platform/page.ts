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

/** The page of a list that is wanted: at most so many rows, after the cursor of the page before. */
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
   * One page, oldest first. The cursor holds the last key of the page before, so that what is added meanwhile moves nothing.
   * @throws DomainError invalid_request for a cursor that is not one of ours
   */
  page(db: Db, values: Values<D>, page: PageOf): Promise<Page<RowOf<C>>>;
}

/**
 * Declares a statement that answers a list page by page.
 * @param definition its SQL is a select without order and limit; `key` is the column that orders it, of texts that are never
 *   the same: `id` if it is left out
 */
export function listStatement<const D extends Declared, C extends Columns>(
  name: string,
  {
    key = 'id',
    ...definition
  }: Required<Pick<Definition<D, C>, 'sql' | 'params' | 'row'>> & { readonly key?: string & keyof C },
): ListStatement<D, C> {
  const listed = statement(name, {
    sql: `select * from (${definition.sql}) listed where ${key} > :after order by ${key} limit :limit`,
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

/** The page of rows of which one more than the limit was asked for; `key` orders them. */
export function cut<Row extends object>(found: readonly Row[], limit: number, key: keyof Row): Page<Row> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const more = found.length > limit && last !== undefined;
  return { data, nextCursor: more ? encode(String(last[key])) : null };
}

/** The page in its other form. */
export function mapPage<A, B>(page: Page<A>, map: (row: A) => B): { data: B[]; next_cursor: string | null } {
  return { data: page.data.map(map), next_cursor: page.nextCursor };
}

/** The same for what has to be read for each row: one after the other, so that a page does not take the whole pool. */
export async function mapPageInTurn<A, B>(
  page: Page<A>,
  map: (row: A) => Promise<B>,
): Promise<{ data: B[]; next_cursor: string | null }> {
  const data: B[] = [];
  for (const row of page.data) data.push(await map(row));
  return { data, next_cursor: page.nextCursor };
}

function encode(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** The last key of the page before. */
export function afterCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (/^[\x20-\x7e]+$/.test(key) && encode(key) === cursor) return key;
  throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
}
