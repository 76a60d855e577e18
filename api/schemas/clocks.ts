import { z } from 'zod';
import { idOut, instant, instantOut, text } from './common.ts';

export const newClock = z
  .strictObject({
    name: text(100),
    at: instant.meta({ description: 'The time that the clock shows until it is advanced.' }),
  })
  .meta({ id: 'NewTestClock', example: { name: 'A year', at: '2024-01-01T00:00:00Z' } });

/** Two years in each unit: a clock advances at most so far at once. */
const MOST = { hour: 17_544, day: 731, week: 104, month: 24, year: 2 };

export const advance = z
  .strictObject({
    to: instant.exactOptional(),
    by: z
      .strictObject({
        unit: z.enum(['hour', 'day', 'week', 'month', 'year']),
        count: z.int().min(1),
      })
      .refine(({ unit, count }) => count <= MOST[unit], {
        path: ['count'],
        message: 'a clock advances by at most two years at once',
        params: { code: 'clock_too_far' },
      })
      .exactOptional()
      .meta({ description: 'A duration instead of an instant. It is counted in UTC.' }),
  })
  .refine(({ to, by }) => (to === undefined) !== (by === undefined), {
    path: ['to'],
    message: 'send either `to` or `by`',
  })
  .meta({ id: 'Advance', example: { to: '2024-02-01T00:00:00Z' } });

export const clockOut = z
  .object({
    id: idOut,
    name: z.string(),
    status: z.enum(['ready', 'advancing', 'stuck']),
    now: instantOut,
    started_at: instantOut,
    target: instantOut.nullable(),
    problem: z.string().nullable().meta({ description: 'The reason why the clock is stuck.' }),
    steps: z.int(),
    open: z
      .object({
        due: z.int(),
        commands: z.int(),
        messages: z.int(),
        attempts: z.int(),
        incidents: z.int(),
      })
      .meta({ description: "How many things of each kind are still to be done at the clock's time." }),
    incidents: z
      .array(idOut)
      .meta({ description: 'Open incidents on the clock, oldest first, at most 100.' }),
    created_at: instantOut,
  })
  .meta({ id: 'TestClock' });
