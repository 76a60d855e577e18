import { z } from 'zod';
import { PAUSE_REASONS } from '../../domain/contracts/state.ts';
import { localDate } from '../../domain/arithmetic/calendar.ts';
import { date, dateOut, id, idOut, instantOut, newQuantity, quantity, readBy, reference } from './common.ts';

/** When a command takes effect: now, at the end of the fee's period (during the trial: of the trial), or on a local date. */
const effective = readBy(z.string().max(40), (value) =>
  value === 'now' || value === 'period_end' ? value : localDate(value),
).meta({
  description:
    "When the command takes effect: `now`, `period_end`, or a local date in the contract's time zone, today or later.",
  example: 'period_end',
});

/** The pause reasons that callers may use. Only collection uses `dunning`, and only jobs use `deactivated`. */
const pauseReason = z.enum(['customer', 'operator']).default('customer');

const bill = z
  .literal('now')
  .exactOptional()
  .meta({
    description:
      'On a collective account, the lines of the command come with the next run. With `now` they have a document at once, together ' +
      'with charges that wait and that they credit. The command must take effect `now`.',
  });

/** A component to book, by id or external id. */
export const booking = z
  .strictObject({
    component: reference,
    quantity: quantity.default('1'),
    start: date
      .exactOptional()
      .meta({ description: 'The first day of the booking. By default it begins when the command counts.' }),
    end: date
      .exactOptional()
      .meta({ description: 'The day after the last day of the booking. By default it has no end.' }),
  })
  .meta({ id: 'Booking' });

const subscription = reference.meta({
  description:
    'The id of a component subscription. If the contract has booked the component only once, the id or external id of the ' +
    'component is accepted, too. Otherwise the request is refused with `subscription_ambiguous`, which lists the ids.',
  example: 'seat',
});

const componentChanges = z
  .strictObject({
    add: z.array(booking).max(100).exactOptional(),
    set: z
      .array(z.strictObject({ subscription, quantity: newQuantity }))
      .max(100)
      .exactOptional()
      .meta({
        description: 'New quantities of component subscriptions. They are absolute; 0 ends the subscription.',
      }),
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
      .meta({ description: 'The variant to change to. It must be in the same plan group.' }),
    components: componentChanges.exactOptional(),
    effective,
    bill,
  })
  .refine(
    ({ variant, components: c }) =>
      variant !== undefined || (c?.add?.length ?? 0) + (c?.set?.length ?? 0) + (c?.remove?.length ?? 0) > 0,
    { path: ['components'], message: 'a change must contain a variant or components' },
  )
  .meta({ id: 'Change' });

/** A command to a contract (rule 20). Quantities are absolute. */
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
          .meta({ description: 'Whether the unused rest is credited. By default the variant decides.' }),
        waive_term: z
          .boolean()
          .exactOptional()
          .meta({ description: 'Whether the contract may end before its term and notice allow it.' }),
        bill,
      })
      .meta({ id: 'Cancel' }),
    z
      .strictObject({
        kind: z.literal('withdraw'),
        command: id.meta({ description: 'The command whose scheduled change is withdrawn.' }),
      })
      .meta({ id: 'Withdraw' }),
  ])
  .meta({ id: 'CommandRequest', example: { kind: 'change', variant: 'pro-monthly', effective: 'now' } });

/** The state of a command. */
const commandState = z.enum(['pending', 'applied', 'refused']);

/** A command. `request` is its content, and `refusal` the reason if it was refused. */
export const commandOut = z
  .object({
    id: idOut,
    contract: idOut,
    seq: z.int().meta({ description: "The command's place in the order of the contract's commands." }),
    kind: z.string(),
    effective: z.string(),
    request: z.record(z.string(), z.unknown()),
    actor: z.string(),
    asked_at: instantOut.meta({ description: 'The instant at which the command counts.' }),
    state: commandState,
    decided_at: instantOut.nullable(),
    document: idOut
      .nullable()
      .meta({ description: 'The invoice or credit note that the command made: `GET /v1/invoices/{id}`.' }),
    scheduled_for: instantOut
      .nullable()
      .meta({ description: 'The instant of the scheduled change that the command made, if any.' }),
    refusal: z.object({ code: z.string(), detail: z.string(), field: z.string().exactOptional() }).nullable(),
  })
  .meta({ id: 'Command' });
export type CommandOut = z.output<typeof commandOut>;

/** A scheduled change: a decided command that waits for its instant. */
export const scheduledChangeOut = z
  .object({
    command: idOut
      .nullable()
      .meta({ description: 'The command that made the change. Withdraw it by this id. Null in a preview.' }),
    due_at: instantOut,
    due_date: dateOut,
    change: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ScheduledChange' });

export const pauseReasonOut = z.enum(PAUSE_REASONS);
