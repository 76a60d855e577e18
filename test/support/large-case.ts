import type { MerchantId } from '../../db/platform/ids.ts';
import type { Page, PageOf } from '../../db/platform/page.ts';
import type { Pool } from '../../db/platform/pool.ts';

/** The entries of a page in the tests of large books, and how many rows of an index show that it ends or goes on. */
export const LIMIT = 20;
export const ONE_MORE = LIMIT + 1;

/** Filters that no index has together, and the same filters as a condition on `d`. */
export interface Combined<F> {
  readonly name: string;
  readonly filter: F;
  readonly where: string;
  readonly order?: string;
}

/** A filter with its index, and how many entries of the index a page may read. */
export interface Case<F> extends Combined<F> {
  readonly index: string;
  readonly most: number;
}

/** A list, and what is read of it. */
export interface ListCases<F> {
  readonly name: string;
  readonly table: string;
  readonly order: string;
  readonly list: (
    pool: Pool,
    merchant: MerchantId,
    filter: F,
    page: PageOf,
  ) => Promise<Page<{ readonly id: string }>>;
  readonly single: readonly Case<F>[];
  readonly combined: readonly Combined<F>[];
}

/** A case. By default a page reads the entries that it shows, and one more. */
export const single = <F>(
  name: string,
  filter: F,
  index: string,
  where: string,
  { most = ONE_MORE, ...rest }: { readonly most?: number; readonly order?: string } = {},
): Case<F> => ({ name, filter, index, where, most, ...rest });
