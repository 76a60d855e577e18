// Schemas of a contract as the database returns it. They match the types of `domain/contracts/state.ts`: if a type gets a new
// field, its schema does not compile without it, and SQL without it fails in every test that loads a contract.
import { z } from 'zod';
import {
  type CommandBody,
  type ContractState,
  type CoveringLine,
  type Item,
  PAUSE_REASONS,
  type RatedPart,
  type ReopenedPeriod,
  type ScheduledBody,
} from '../../domain/contracts/state.ts';
import { oneTimeCharge } from '../books/one-time-schema.ts';
import { lineTax, priceMode, pricing, proration, taxRate, terms } from '../catalogue/terms-schema.ts';
import { bigint, date, decimal, instant, int, list, schemaOf, text, truth } from '../platform/columns.ts';

export const item = schemaOf<Item>()(
  z.strictObject({
    id: text,
    subject: text,
    componentId: text.nullable(),
    revision: int,
    origin: text,
    quantity: decimal,
    anchor: date,
    effectiveAt: instant,
    endsAt: instant.nullable(),
    included: decimal.nullable(),
    pricing,
  }),
);

const coveringLine = schemaOf<CoveringLine>()(
  z.strictObject({
    chargeId: text,
    itemId: text,
    origin: text,
    subject: text,
    part: int,
    text,
    startsAt: instant,
    endsAt: instant,
    quantity: decimal,
    unitPrice: decimal,
    fullAmount: decimal,
    unit: z.enum(['day', 'second']),
    fullLength: int,
    amountMinor: bigint,
    tax: lineTax,
    uncovered: list(z.strictObject({ startsAt: instant, endsAt: instant, amountMinor: bigint })),
  }),
);

const ratedPart = schemaOf<RatedPart>()(
  z.strictObject({
    part: int,
    quantity: decimal,
    unitPrice: decimal,
    amountMinor: bigint,
    tax: lineTax,
  }),
);

const reopenedPeriod = schemaOf<ReopenedPeriod>()(
  z.strictObject({
    startsAt: instant,
    endsAt: instant,
    reportedAt: instant,
    item,
    parts: list(ratedPart),
    tax: lineTax.nullable(),
  }),
);

const pauseReason = z.enum(PAUSE_REASONS);
const booking = z.strictObject({
  component: text,
  quantity: decimal,
  start: date.exactOptional(),
  end: date.exactOptional(),
});
const billNow = z.literal('now').exactOptional();
const changeBody = {
  kind: z.literal('change'),
  variant: text.exactOptional(),
  components: z
    .strictObject({
      add: list(booking).exactOptional(),
      set: list(z.strictObject({ subscription: text, quantity: decimal })).exactOptional(),
      remove: list(text).exactOptional(),
    })
    .exactOptional(),
  bill: billNow,
};
const laterBodies = [
  z.strictObject({ kind: z.literal('pause'), reason: pauseReason }),
  z.strictObject({ kind: z.literal('resume'), reason: pauseReason }),
  z.strictObject({
    kind: z.literal('cancel'),
    credit: truth.exactOptional(),
    waiveTerm: truth.exactOptional(),
    bill: billNow,
  }),
] as const;

const commandBody = schemaOf<CommandBody>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('order'), variant: text, components: list(booking) }),
    z.strictObject(changeBody),
    ...laterBodies,
    z.strictObject({ kind: z.literal('withdraw'), command: text }),
    z.strictObject({ kind: z.literal('unreadable'), problem: text }),
  ]),
);

const scheduledBody = schemaOf<ScheduledBody>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ ...changeBody, versions: z.record(text, text).exactOptional() }),
    ...laterBodies,
  ]),
);

/** The part of a contract's state that comes from its component subscriptions and pauses. */
export type StoredItems = Pick<ContractState, 'items' | 'past' | 'suspended' | 'pauses' | 'reopened'>;

export const phase = z.enum(['ordered', 'trial', 'normal', 'inactive', 'ended']);

const ownFields = {
  contractId: text,
  zone: text,
  country: text,
  currency: text,
  priceMode,
  startDate: date,
  startsAt: instant,
  anchor: date,
  trialEndsAt: instant.nullable(),
  phase,
  pauseReasons: list(pauseReason),
  settledThrough: instant,
  endedAt: instant.nullable(),
  terms,
  termStart: date,
  oneTime: list(oneTimeCharge),
  lines: list(coveringLine),
  scheduled: list(z.strictObject({ id: text, commandId: text, dueAt: instant, body: scheduledBody })),
  commands: list(z.strictObject({ id: text, askedAt: instant, effective: text, body: commandBody })),
  taxRates: list(taxRate),
};

/** A contract's state without the revision of its fee and without the fields of `StoredItems`. */
export const ownState = schemaOf<Omit<ContractState, keyof StoredItems | 'feeRevision'>>()(
  z.strictObject(ownFields),
);

const bookedFields = {
  items: list(item),
  past: list(item),
  suspended: list(item),
  reopened: list(reopenedPeriod),
};

/** The contract's state on which the domain decides. Tests of the domain check their states with it, too. */
export const contractState = schemaOf<ContractState>()(
  z.strictObject({
    ...ownFields,
    ...bookedFields,
    feeRevision: int,
    pauses: list(z.strictObject({ startsAt: instant, endsAt: instant.nullable() })),
  }),
);

const phaseStart = z.strictObject({ startsAt: instant, proration });

/**
 * The bookings of a contract as they are stored. A pause has the instants that were asked for; the domain decides at which instants
 * of these days it begins and ends.
 */
export const storedBookings = z.strictObject({
  ...bookedFields,
  pauses: list(z.strictObject({ from: phaseStart, to: phaseStart.nullable() })),
});
