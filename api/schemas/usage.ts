import { z } from 'zod';
import { instant as readInstant } from '../../domain/arithmetic/calendar.ts';
import { USAGE_REJECTIONS } from '../../domain/usage/decide.ts';
import {
  amountOut,
  decimalOut,
  idOut,
  instantOut,
  page,
  priceMode,
  readBy,
  reference,
  text,
} from './common.ts';

/**
 * A value that is not a decimal, such as a number with more digits than a double can represent, makes only its own entry
 * rejected.
 */
const sentQuantity = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'too_many_digits' in value ? 'too long' : value),
  z.union([z.string(), z.number()], {
    error: 'a decimal: a text, or a number of at most 15 significant digits',
  }),
);

const usageEvent = z
  .strictObject({
    event_id: text(100).meta({ description: "The merchant's own id of the event, unique per contract." }),
    component: reference,
    quantity: sentQuantity.optional().meta({
      description:
        'A text, or a number of at most 15 significant digits, with an absolute value of at most 10¹² and at most 6 digits ' +
        'after the point. A quantity below zero corrects earlier events. For the aggregation `unique` the default is 1.',
      example: 3,
    }),
    at: readBy(z.string().max(40), (at) => (at === 'NOW' ? at : readInstant(at))).meta({
      description: "An instant with an offset or Z, or `NOW` for the customer's now.",
      example: 'NOW',
    }),
    value: text(200)
      .exactOptional()
      .meta({ description: 'The aggregation `unique` counts the different values of the events.' }),
  })
  .meta({ id: 'UsageEvent' });

/** One event, or a list of up to a thousand. */
export const usageReport = z.union([usageEvent, z.array(usageEvent).min(1).max(1000)]).meta({
  id: 'UsageReport',
  example: { event_id: 'call-2024-02-01-0001', component: 'calls', quantity: 3, at: 'NOW' },
});

export const usageAnswers = z
  .object({
    results: z.array(
      z.object({
        event_id: z.string(),
        result: z.enum(['consumed', 'rejected']),
        reason: z.enum(USAGE_REJECTIONS).nullable(),
        at: instantOut.meta({ description: 'The instant at which the event counts.' }),
      }),
    ),
  })
  .meta({ id: 'UsageAnswers' });

export const usageOut = z
  .object({
    event_id: z.string(),
    component: idOut,
    subscription: idOut,
    at: instantOut,
    quantity: decimalOut,
    value: z.string().nullable(),
    recorded_at: instantOut,
  })
  .meta({ id: 'Usage' });

const metered = {
  subscription: idOut,
  component: idOut,
  name: z.string(),
  aggregation: z.enum(['sum', 'max', 'last', 'unique']),
  starts_at: instantOut,
  ends_at: instantOut.meta({ description: 'The first instant after the period.' }),
  total: decimalOut,
};

export const usageTotals = page(
  z
    .object({
      ...metered,
      amount: amountOut.meta({ description: 'The sum of all lines of the period.' }),
      reopened: z.boolean().meta({
        description: 'Whether late usage was reported since. The period is rated again with the next bill.',
      }),
    })
    .meta({ id: 'RatedPeriod' }),
)
  .extend({
    currency: z.string(),
    price_mode: priceMode,
    open: z
      .array(
        z
          .object({ ...metered, amount: amountOut.meta({ description: 'The amount of this total.' }) })
          .meta({ id: 'OpenPeriod' }),
      )
      .meta({ description: 'Periods that have begun and are not rated yet.' }),
  })
  .meta({
    id: 'UsageTotals',
    description: 'The usage of a contract by metered period. `data` are the rated periods.',
  });
