// Schemas of derivations as the database returns them. They match the types of `domain/books/charge.ts` and
// `domain/books/line-facts.ts`.
import { z } from 'zod';
import type {
  AnyDerivation,
  CreditLineDerivation,
  Derivation,
  OneTimeDerivation,
  PricedDerivation,
  UsageDerivation,
} from '../../domain/books/charge.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import { priceModel } from '../catalogue/terms-schema.ts';
import { date, decimal, int, schemaOf, text, truth } from '../platform/columns.ts';

const bound = decimal.nullable();
const why = z.enum(['renewal', 'first_period', 'change', 'resume', 'cancel', 'end']);
const fraction = z.strictObject({ days: int, of: int, unit: z.enum(['day', 'second']) });
const rounding = z.literal('half away from zero');

const part = schemaOf<PricedDerivation['part']>()(
  z.strictObject({
    kind: z.enum(['units', 'flat', 'cap', 'included', 'free']),
    tier: int.nullable(),
    from: bound,
    to: bound,
    quantity: decimal,
    unitPrice: decimal,
    amount: decimal,
  }),
);

const priced = {
  price: z.strictObject({ variant_version: text.nullable(), component_version: text.nullable() }),
  model: priceModel,
  quantity: decimal,
  included: bound,
  cap: bound,
  part,
  full_amount: decimal,
  full_period: z.strictObject({ start: date, end: date }),
  rounding,
};

const recurring = schemaOf<Derivation>()(
  z.strictObject({
    ...priced,
    fraction,
    balance: z
      .strictObject({
        of: z.enum(['rest_of_period', 'share_of_cap']),
        total_minor: decimal,
        others_minor: decimal,
      })
      .exactOptional(),
    why,
  }),
);

const credit = schemaOf<CreditLineDerivation>()(
  z.strictObject({
    reverses: text,
    line_minor: decimal,
    credited_before_minor: decimal,
    full_amount: decimal,
    fraction,
    takes_the_rest: truth,
    why,
    rounding,
  }),
);

const usage = schemaOf<UsageDerivation>()(
  z.strictObject({
    ...priced,
    usage: z.strictObject({
      aggregation: z.enum(['sum', 'max', 'last', 'unique']),
      total: decimal,
      shortfall: decimal,
      tier_minor: decimal,
      billed_before_minor: decimal,
    }),
    why: z.enum(['usage', 'late_usage']),
  }),
);

const oneTime = schemaOf<OneTimeDerivation>()(
  z.strictObject({
    one_time: text,
    quantity: decimal,
    unit_price: decimal,
    reference: text.nullable(),
    application: text.nullable(),
    why: z.enum(['one_time', 'setup']),
    rounding,
  }),
);

export const derivation = schemaOf<AnyDerivation>()(z.union([recurring, credit, usage, oneTime]));

export const creditedLine = schemaOf<CreditedLine>()(
  z.strictObject({
    chargeId: text,
    document: z
      .strictObject({ id: text, kind: z.enum(['invoice', 'credit_note']), number: text, issueDate: date })
      .nullable(),
    price: z.strictObject({ model: priceModel, part }),
  }),
);
