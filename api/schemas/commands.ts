import { z } from 'zod';
import { PAUSE_REASONS } from '../../domain/contracts/state.ts';
import { localDate } from '../../domain/arithmetic/calendar.ts';
import { date, dateOut, id, idOut, instantOut, newQuantity, quantity, readBy, reference } from './common.ts';

/** From when a command counts: at once, at the end of the fee period (of the trial, in it), or on a local day. */
const effective = readBy(z.string().max(40), (value) =>
  value === 'now' || value === 'period_end' ? value : localDate(value),
).meta({
  description: "`now`, `period_end`, or a local date of the contract's time zone, today or later.",
  example: 'period_end',
});

/** Reasons that callers may give; `dunning` belongs to collection. */
const pauseReason = z.enum(['customer', 'operator', 'deactivated']).default('customer');

/** A component to book, by id or external id. */
export const booking = z
  .strictObject({
    component: reference,
    quantity: quantity.default('1'),
    start: date
      .exactOptional()
      .meta({ description: 'From this day on; left out: from when the command counts.' }),
    end: date
      .exactOptional()
      .meta({ description: 'The day after the last: the first on which it is no longer booked.' }),
  })
  .meta({ id: 'Booking' });

const subscription = reference.meta({
  description:
    'The id of a component subscription; or the component, by id or external id, where the contract books it once ' +
    '(`subscription_ambiguous` otherwise, which names them).',
  example: 'seat',
});

const componentChanges = z
  .strictObject({
    add: z.array(booking).max(100).exactOptional(),
    set: z
      .array(z.strictObject({ subscription, quantity: newQuantity }))
      .max(100)
      .exactOptional()
      .meta({ description: 'New quantities of what is booked, absolute; 0 removes.' }),
    remove: z
      .array(subscription)
      .max(100)
      .refine((named) => new Set(named).size === named.length, 'must not name one twice')
      .exactOptional()
      .meta({ description: 'Component subscriptions to end.', uniqueItems: true }),
  })
  .meta({ id: 'ComponentChanges' });

const change = z
  .strictObject({
    kind: z.literal('change'),
    variant: reference
      .exactOptional()
      .meta({ description: 'The variant to change to, of the same plan group.' }),
    components: componentChanges.exactOptional(),
    effective,
  })
  .refine(
    ({ variant, components: c }) =>
      variant !== undefined || (c?.add?.length ?? 0) + (c?.set?.length ?? 0) + (c?.remove?.length ?? 0) > 0,
    { path: ['components'], message: 'a change must change something: a variant or components' },
  )
  .meta({ id: 'Change' });

/** What may be asked of a contract (rule 20). Quantities are absolute. */
export const commandRequest = z
  .discriminatedUnion('kind', [
    change,
    z
      .strictObject({ kind: z.literal('pause'), reason: pauseReason, effective: effective.default('now') })
      .meta({ id: 'Pause' }),
    z
      .strictObject({ kind: z.literal('resume'), reason: pauseReason, effective: effective.default('now') })
      .meta({ id: 'Resume' }),
    z
      .strictObject({
        kind: z.literal('cancel'),
        effective,
        credit: z
          .boolean()
          .exactOptional()
          .meta({ description: 'Whether the unused rest is credited; left out: as the variant says.' }),
        waive_term: z
          .boolean()
          .exactOptional()
          .meta({ description: 'Lets the contract end before its term and notice allow it.' }),
      })
      .meta({ id: 'Cancel' }),
    z
      .strictObject({
        kind: z.literal('withdraw'),
        command: id.meta({ description: 'The command whose scheduled change is taken back.' }),
      })
      .meta({ id: 'Withdraw' }),
  ])
  .meta({ id: 'CommandRequest', example: { kind: 'change', variant: 'pro-monthly', effective: 'now' } });

/** How a command was decided, or that it is not yet. */
const commandState = z.enum(['pending', 'applied', 'refused']);

/** A command row. `request` is what was asked, `refusal` why not. */
export const commandOut = z
  .object({
    id: idOut,
    contract: idOut,
    seq: z.int().meta({ description: 'Order within the contract.' }),
    kind: z.string(),
    effective: z.string(),
    request: z.record(z.string(), z.unknown()),
    actor: z.string(),
    asked_at: instantOut.meta({ description: 'The instant at which it counts.' }),
    state: commandState,
    decided_at: instantOut.nullable(),
    document: idOut
      .nullable()
      .meta({ description: 'The invoice or credit note that it made: `GET /v1/invoices/{id}`.' }),
    scheduled_for: instantOut.nullable().meta({ description: 'Set when it waits as a scheduled change.' }),
    refusal: z.object({ code: z.string(), detail: z.string(), field: z.string().exactOptional() }).nullable(),
  })
  .meta({ id: 'Command' });
export type CommandOut = z.output<typeof commandOut>;

/** A decided change that waits for its instant. */
export const scheduledChangeOut = z
  .object({
    command: idOut
      .nullable()
      .meta({ description: 'Withdraw this one to take the change back; null in a preview.' }),
    due_at: instantOut,
    due_date: dateOut,
    change: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ScheduledChange' });

export const pauseReasonOut = z.enum(PAUSE_REASONS);
