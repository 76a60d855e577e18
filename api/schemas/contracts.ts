import { z } from 'zod';
import { pauseReasonOut, scheduledChangeOut } from './commands.ts';
import { earliestEnd, nextBilling } from './previews.ts';
import { amountOut, dateOut, decimalOut, externalIdOut, id, idOut, instantOut } from './common.ts';

export const phase = z.enum(['ordered', 'trial', 'normal', 'inactive', 'ended']);

const contractFields = z.object({
  id: idOut,
  external_id: externalIdOut,
  customer: idOut,
  account: idOut,
  plan_group: idOut,
  clock: idOut.nullable(),
  time_zone: z.string(),
  currency: z.string(),
  payment_method: idOut.nullable().meta({ description: "Null if the contract uses the account's method." }),
  start: dateOut,
  anchor: dateOut.meta({ description: 'Periods begin on this day plus n times the interval.' }),
  trial_ends_at: instantOut.nullable(),
  phase,
  pause_reasons: z.array(pauseReasonOut),
  variant: z.object({ id: idOut, version: idOut, name: z.string(), fee: decimalOut.nullable() }),
  subscriptions: z.array(
    z
      .object({
        id: idOut,
        component: idOut,
        name: z.string(),
        quantity: decimalOut,
        since: instantOut,
        until: instantOut.nullable().meta({
          description: 'If the booking has an end: the first instant at which it is no longer booked.',
        }),
      })
      .meta({ id: 'ComponentSubscription' }),
  ),
  scheduled: z.array(scheduledChangeOut),
  settled_through: instantOut,
  next_due_at: instantOut
    .nullable()
    .meta({ description: 'When something next becomes due by itself. Null if nothing does.' }),
  ended_at: instantOut.nullable(),
  has_incident: z.boolean().meta({
    description:
      'Whether a step failed. It is tried again every hour. `GET /v1/incidents?contract=…` has the reason.',
  }),
  balance: amountOut,
  created_at: instantOut,
});

export const contractPatch = z
  .strictObject({
    payment_method: id
      .nullable()
      .exactOptional()
      .meta({ description: "A payment method of the customer. Null to use the account's method." }),
    account: id.exactOptional().meta({
      description:
        'Another billing account with the same issuer and currency. Charges that were made stay where they are.',
    }),
  })
  .meta({ id: 'ContractPatch', example: { payment_method: null } });

/** A contract as lists show it. */
export const contractSummary = contractFields.meta({ id: 'ContractSummary' });

export const contractOut = contractFields
  .extend({ earliest_end: earliestEnd.nullable(), next_billing: nextBilling })
  .meta({ id: 'Contract' });
