import { z } from 'zod';
import { parseAmount } from '../domain/arithmetic/money.ts';
import { DomainError, atField } from '../domain/errors.ts';
import { amount, instant } from './schemas/common.ts';

// Parts of the queries of lists: order, amounts.

/** The parameter `sort`. The first column is the default, and `-` begins with the newest or largest. */
export function sortBy<const S extends string>(columns: readonly [S, ...S[]], description = '') {
  const values = columns.flatMap((column) => [`-${column}`, column] as const);
  return z
    .enum(values as [`-${S}` | S, ...(`-${S}` | S)[]])
    .exactOptional()
    .meta({
      description:
        `The order: \`-\` begins with the newest or largest. By default \`-${columns[0]}\`. ${description}`.trim(),
    });
}

/** Splits `-due_date` into a column and a direction. */
export function sortOf<S extends string>(
  sort: `-${S}` | S | undefined,
): { readonly sort?: S; readonly ascending?: boolean } {
  if (sort === undefined) return {};
  const ascending = !sort.startsWith('-');
  return { sort: (ascending ? sort : sort.slice(1)) as S, ascending };
}

/** The parameters of lists with amounts. Amounts are compared within one currency. */
export const amountQuery = {
  amount: amount
    .exactOptional()
    .meta({ description: 'The exact amount. It needs `currency`.', example: '42.99' }),
  amount_min: amount.exactOptional().meta({
    description:
      'The smallest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent.',
    example: '100.00',
  }),
  amount_max: amount.exactOptional().meta({
    description:
      'The largest amount. It needs `currency`, and sorts the list by amount unless `sort` is sent.',
    example: '500.00',
  }),
};

interface AmountQuery {
  readonly amount?: string;
  readonly amount_min?: string;
  readonly amount_max?: string;
  readonly currency?: string;
}

/**
 * Reads the amounts of a query in its currency.
 * @throws DomainError invalid_amount; invalid_request without a currency, or for `amount` beside a range
 */
export function amountsOf(query: AmountQuery): { amountMin?: bigint; amountMax?: bigint } {
  const { amount: exact, amount_min: min, amount_max: max, currency } = query;
  if (exact === undefined && min === undefined && max === undefined) return {};
  if (currency === undefined) {
    throw new DomainError('invalid_request', 'an amount needs its currency', { field: 'currency' });
  }
  const read = (field: keyof AmountQuery, text: string): bigint =>
    atField(field, () => parseAmount(text, currency));
  if (exact !== undefined) {
    if (min !== undefined || max !== undefined) {
      throw new DomainError('invalid_request', 'either `amount` or a range', { field: 'amount' });
    }
    const minor = read('amount', exact);
    return { amountMin: minor, amountMax: minor };
  }
  const amountMin = min === undefined ? undefined : read('amount_min', min);
  const amountMax = max === undefined ? undefined : read('amount_max', max);
  if (amountMin !== undefined && amountMax !== undefined && amountMin > amountMax) {
    throw new DomainError('invalid_request', '`amount_max` must not be below `amount_min`', {
      field: 'amount_max',
    });
  }
  return {
    ...(amountMin === undefined ? {} : { amountMin }),
    ...(amountMax === undefined ? {} : { amountMax }),
  };
}

/** The parameters of a range of instants: `created_from`, `created_before`. */
export function rangeQuery<const N extends string>(name: N) {
  return {
    [`${name}_from`]: instant.exactOptional().meta({ description: 'From this instant on.' }),
    [`${name}_before`]: instant.exactOptional().meta({ description: 'Before this instant.' }),
  } as Record<`${N}_from` | `${N}_before`, z.ZodExactOptional<typeof instant>>;
}

/**
 * Refuses a range whose end lies before its beginning: a mistake, which would find nothing.
 * @throws DomainError invalid_request
 */
export function refuseInverted(
  query: Readonly<Record<string, unknown>>,
  ...ranges: readonly (readonly [from: string, before: string])[]
): void {
  for (const [from, before] of ranges) {
    const [first, end] = [query[from], query[before]];
    if (typeof first !== 'string' || typeof end !== 'string' || first <= end) continue;
    throw new DomainError('invalid_request', `\`${before}\` must not lie before \`${from}\``, {
      field: before,
    });
  }
}

/** The description of lists whose filters may have to search. */
export const SEARCHES_ON =
  'Newest first. A page may have fewer entries than its limit, or none, and still a `next_cursor`: then many rows fit the ' +
  'narrowest filter and few fit the others, and the next page searches on.';

type CamelCase<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;

/** Renames the parameters of a query to the fields of a filter: `due_before` to `dueBefore`. Those that were not sent are left out. */
export function camelCased<const Q extends Readonly<Record<string, string | undefined>>>(
  query: Q,
): { readonly [K in keyof Q as CamelCase<K & string>]?: NonNullable<Q[K]> } {
  const sent = Object.entries(query).filter(([, value]) => value !== undefined);
  const named = sent.map(([name, value]) => [
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(named) as {
    readonly [K in keyof Q as CamelCase<K & string>]?: NonNullable<Q[K]>;
  };
}
