import { z } from 'zod';
import { instant as readInstant, localDate, zone } from '../../domain/arithmetic/calendar.ts';
import { QUANTITY_DECIMALS, decimalsOf } from '../../domain/arithmetic/quantities.ts';
import { DomainError } from '../../domain/errors.ts';
import { cmp, dec, minorDigits } from '../../domain/arithmetic/money.ts';
import { ONE_LINE } from '../../domain/text.ts';

/**
 * The common parts of requests and answers. Requests are strict objects: an unknown field is refused, never ignored. Every text
 * has a maximum length, and no control characters, which Postgres would refuse.
 */

/** One line of text, which is not blank. */
export function text(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(ONE_LINE, 'must be one line of text, not blank, and without control characters');
}

/**
 * Validates a value with a function of the domain, so that the rule exists once. The issue keeps the domain's code
 * (`params.code`) for the answer.
 */
export function readBy<S extends z.ZodType, Out>(
  schema: S,
  read: (value: z.output<S>) => Out,
): z.ZodPipe<S, z.ZodTransform<Awaited<Out>, z.output<S>>> {
  return schema.transform((value, ctx) => {
    try {
      return read(value) as Awaited<Out>;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      ctx.addIssue({ code: 'custom', message: error.message, params: { code: error.code } });
      return z.NEVER;
    }
  });
}

/** A reference to an object: its id, or the merchant's external id. */
export const reference = text(100).meta({
  description: "An id, or the merchant's external id.",
  example: 'pro-monthly',
});

/** The id of an object. */
export const id = text(100).meta({ description: 'An id.', example: 'con_01jfa5z8n4b6c7d8e9f0g1h2j3' });

const OUR_ID = /^[a-z]{3}_[0-9a-z]{26}$/;
/** The merchant's own id for an object, unique per merchant and kind of object. */
export const externalId = text(100)
  .refine((value) => !OUR_ID.test(value), 'must not look like an id of Tenor')
  .meta({
    description: "The merchant's own id for the object, unique per merchant and kind of object.",
    example: 'pro-monthly',
  });

/** A local date, `YYYY-MM-DD`. */
export const date = readBy(z.string().max(40), localDate).meta({
  description: 'A local date, YYYY-MM-DD.',
  example: '2024-01-31',
});

/** An instant with an offset. It is stored in UTC, with milliseconds. */
export const instant = readBy(z.string().max(40), readInstant).meta({
  description: 'An instant with an offset or Z.',
  example: '2024-01-31T09:00:00Z',
});

export const timeZone = readBy(z.string().max(64), zone).meta({
  description: 'A name of the IANA time zone database.',
  example: 'Europe/Berlin',
});

export const currency = readBy(z.string().max(20), (code) => {
  minorDigits(code);
  return code;
}).meta({ description: 'A currency of ISO 4217.', example: 'EUR' });

/** The largest quantity of one booking. Whether its amount can be billed is checked with the contract. */
const MAX_QUANTITY = dec('10000000');

function decimalText(value: string | number, code = 'invalid_quantity'): string {
  const number = dec(value); // refuses exponents, and numbers of JSON with more than 15 digits
  if (cmp(number, dec(0)) < 0) throw new DomainError(code, 'must not be negative');
  return String(value);
}

const decimal = z.union([z.string().max(80), z.number()], {
  error: 'a decimal: a text, or a number of at most 15 significant digits',
});

/** A decimal of at least 0: a rate, a percentage, a tier's bound. It becomes text with the digits that were sent. */
export const nonNegative = readBy(decimal, (value) => decimalText(value)).meta({
  description: 'A decimal as text, or a number of at most 15 significant digits.',
  example: '9.50',
});

function quantityText(value: string | number): string {
  const sent = decimalText(value);
  if (cmp(dec(sent), MAX_QUANTITY) > 0) {
    throw new DomainError('invalid_quantity', 'must be at most 10000000');
  }
  if (decimalsOf(sent) > QUANTITY_DECIMALS) {
    throw new DomainError('invalid_quantity', `may have at most ${QUANTITY_DECIMALS} digits after the point`);
  }
  return sent;
}

/** A quantity above 0, kept with the digits that were sent. */
export const quantity = readBy(decimal, (value) => {
  const sent = quantityText(value);
  if (cmp(dec(sent), dec(0)) === 0) throw new DomainError('invalid_quantity', 'must be above 0');
  return sent;
}).meta({
  description: 'A quantity above 0: a text, or a number of at most 15 significant digits.',
  example: 3,
});

/** A new quantity of a component subscription, kept with the digits that were sent. */
export const newQuantity = readBy(decimal, quantityText).meta({
  description:
    'The new quantity. It is absolute; 0 ends the subscription. A text, or a number of at most 15 significant digits.',
  example: 3,
});

/** A price in major units, as text. Its limit depends on its currency. */
export const price = readBy(z.string().max(80), (value) => decimalText(value, 'invalid_price')).meta({
  description:
    'A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency.',
  example: '283.3333',
});

/** An amount that is charged without a further computation, so it may not be finer than its currency. */
export const charged = readBy(z.string().max(80), (value) => decimalText(value, 'invalid_price')).meta({
  description:
    'An amount in major units, as text. It has at most 12 digits in minor units, and may not be finer than the currency.',
  example: '99.00',
});

/** A price that may be below zero: a credit. */
export const signedPrice = readBy(z.string().max(80), (value) => {
  decimalText(value.replace(/^-/, ''), 'invalid_price');
  return value;
}).meta({
  description:
    'A price in major units, as text. It has at most 12 digits in minor units, and may be finer than the currency. A price ' +
    'below zero makes a credit.',
  example: '-5.00',
});

/** An amount in major units as it is sent. The allowed digits depend on its currency. */
export const amount = text(40).meta({ description: 'An amount in major units, as text.', example: '42.99' });

export const interval = z
  .strictObject({
    unit: z.enum(['day', 'week', 'month', 'year']),
    count: z.int().min(1).max(1000).default(1),
  })
  .refine(({ unit, count }) => unit !== 'year' || count <= 100, {
    path: ['count'],
    message: 'at most 100 years',
  })
  .meta({
    id: 'Interval',
    description: 'A number of days, weeks, months or years.',
    example: { unit: 'month', count: 1 },
  });

export const priceMode = z.enum(['net', 'gross']);

// ---- parts of answers

/** An amount in major units with all digits of its currency, signed: `-14.97`. */
export const amountOut = z.string().meta({
  description:
    "An amount in major units with all digits of its currency. In balances, a customer's debt is negative.",
  example: '42.99',
});
export const decimalOut = z.string().meta({ description: 'A decimal, as text.', example: '19' });
export const dateOut = z.string().meta({ description: 'A local date.', example: '2024-01-31' });
export const dayAfterLastOut = dateOut.meta({ description: 'The day after the last day.' });
export const instantOut = z
  .string()
  .meta({ description: 'An instant in UTC.', example: '2024-01-31T09:00:00.000Z' });
export const idOut = z.string().meta({ description: 'An id.', example: 'con_01jfa5z8n4b6c7d8e9f0g1h2j3' });
export const externalIdOut = z.string().nullable();

/** The query parameters of every list. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .default(20)
    .meta({
      description: 'The largest number of entries on the page, 1 to 100.',
      override: { type: 'integer', minimum: 1, maximum: 100, default: 20, pattern: undefined },
    }),
  cursor: text(200).exactOptional().meta({ description: 'The `next_cursor` of the page before.' }),
};

/** A page of a list. `next_cursor` is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() });
}

/** The path parameter of a route for one object. */
export const idParams = z.strictObject({ id });
