import { z } from 'zod';
import type { OneTimeCharge } from '../../domain/contracts/state.ts';
import { date, decimal, instant, schemaOf, text } from '../platform/columns.ts';

/** A one-time charge as the SQL function `one_time_of` returns it. */
export const oneTimeCharge = schemaOf<OneTimeCharge>()(
  z.strictObject({
    id: text,
    kind: z.enum(['charge', 'setup']),
    text,
    reference: text.nullable(),
    application: text.nullable(),
    serviceDate: date,
    quantity: decimal,
    unitPrice: decimal,
    taxPolicyId: text,
    madeAt: instant,
  }),
);
