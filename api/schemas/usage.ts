import { z } from 'zod';
import { instant as readInstant } from '../../domain/arithmetic/calendar.ts';
import { USAGE_REJECTIONS } from '../../domain/usage/judge.ts';
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

/** What is no decimal concerns its entry alone, also a number with more digits than a double holds. */
const sentQuantity = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'too_many_digits' in value ? 'too long' : value),
  z.union([z.string(), z.number()], {
    error: 'a decimal: a text, or a number of at most 15 significant digits',
  }),
);

const usageEvent = z
  .strictObject({
    event_id: text(100).meta({ description: "The reporter's own, unique per contract." }),
    component: reference,
    quantity: sentQuantity.optional().meta({
      description:
        'A text, or a number of at most 15 significant digits; at most 10¹² in size, and 6 digits after the point. ' +
        'Below zero it corrects. Of a unique count it is 1 unless it is sent.',
      example: 3,
    }),
    at: readBy(z.string().max(40), (at) => (at === 'NOW' ? at : readInstant(at))).meta({
      description: "An instant with an offset or Z, or `NOW`: the customer's clock.",
      example: 'NOW',
    }),
    value: text(200).exactOptional().meta({ description: 'What a unique count counts.' }),
  })
  .meta({ id: 'UsageEvent' });

/** One event, or up to a thousand in their order. */
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
        at: instantOut.meta({ description: 'The instant that it counts at.' }),
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
      amount: amountOut.meta({ description: 'What all its lines come to.' }),
      reopened: z.boolean().meta({ description: 'Usage came late: it is rated again with the next bill.' }),
    })
    .meta({ id: 'RatedPeriod' }),
)
  .extend({
    currency: z.string(),
    price_mode: priceMode,
    open: z
      .array(
        z
          .object({ ...metered, amount: amountOut.meta({ description: 'What this total would cost.' }) })
          .meta({ id: 'OpenPeriod' }),
      )
      .meta({ description: 'Periods that have begun and are not rated yet.' }),
  })
  .meta({ id: 'UsageTotals', description: 'What usage comes to: `data` are the rated periods.' });
