import { type Instant, type LocalDate, addInterval, dateAt, startOfDay } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { applyChange } from './change.ts';
import type { Decided } from './perform.ts';
import { enter, openPhase } from './phases.ts';
import {
  type Catalogue,
  type CommandBody,
  type ContractState,
  NO_ROWS,
  type NewId,
  type OneTimeCharge,
  type Terms,
  joinRows,
} from './state.ts';

/** The beginning of a contract. Its days are in the customer's zone, and the trial is granted only here. */
export interface Beginning {
  readonly startDate: LocalDate;
  readonly startsAt: Instant;
  readonly anchor: LocalDate;
  readonly trialEndsAt: Instant | null;
  /** The first day that is billed; terms are counted from it. */
  readonly termStart: LocalDate;
}

/**
 * The beginning of a contract that is ordered at `now`.
 * @throws DomainError date_in_the_past for a start before today
 */
export function beginningOf(
  terms: Terms,
  now: Instant,
  zone: string,
  { start, anchor }: { start: LocalDate | null; anchor: LocalDate | null },
): Beginning {
  const today = dateAt(now, zone);
  const startDate = start ?? today;
  if (startDate < today)
    throw new DomainError('date_in_the_past', `${startDate} is past; today is ${today}`, { field: 'start' });
  const trialEnd = terms.trial === null ? null : addInterval(startDate, terms.trial, 1);
  return {
    startDate,
    startsAt: startOfDay(startDate, zone),
    anchor: anchor ?? trialEnd ?? startDate,
    trialEndsAt: trialEnd === null ? null : startOfDay(trialEnd, zone),
    termStart: trialEnd ?? startDate,
  };
}

/** The fields of a contract that are known before its order is decided. */
export type OrderedContract = Pick<
  ContractState,
  'contractId' | 'zone' | 'country' | 'currency' | 'priceMode' | 'oneTime' | 'taxRates'
>;

/** A contract whose order is not decided yet. */
export function orderedState(
  ordered: OrderedContract,
  terms: Terms,
  { startDate, startsAt, anchor, trialEndsAt, termStart }: Beginning,
  now: Instant,
): ContractState {
  return {
    ...ordered,
    startDate,
    startsAt,
    anchor,
    trialEndsAt,
    termStart,
    terms,
    phase: 'ordered',
    pauseReasons: [],
    settledThrough: now,
    endedAt: null,
    feeRevision: 0,
    items: [],
    past: [],
    suspended: [],
    pauses: [],
    reopened: [],
    lines: [],
    scheduled: [],
    commands: [],
  };
}

/** Decides an order: books its variant and components, adds the set-up fee, and begins the contract if it starts by now. */
export function decideOrder(
  state: ContractState,
  body: Extract<CommandBody, { kind: 'order' }>,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  const booked = applyChange(
    state,
    { kind: 'change', variant: body.variant, components: { add: body.components } },
    at,
    catalogue,
    newId,
  );
  const setup = setupFee(state, at, newId);
  const ordered = {
    ...booked,
    state: { ...booked.state, oneTime: [...state.oneTime, ...setup] },
    rows: joinRows(booked.rows, { ...NO_ROWS, oneTime: setup }),
  };
  if (state.startsAt > at) return { ...ordered, why: 'first_period', creditsUnused: true };
  const begun = enter(ordered.state, openPhase(state, at), state.startsAt, newId);
  return {
    state: begun.state,
    rows: joinRows(ordered.rows, begun.rows),
    why: 'first_period',
    creditsUnused: true,
  };
}

/** The set-up fee, if the variant has one. It is added once, with the order, and waits for the first bill. */
function setupFee(
  { terms, trialEndsAt, startsAt, zone }: ContractState,
  madeAt: Instant,
  newId: NewId,
): OneTimeCharge[] {
  if (terms.setupFee === null) return [];
  return [
    {
      id: newId('oneTime'),
      kind: 'setup',
      text: `Set-up ${terms.name}`,
      reference: null,
      application: null,
      serviceDate: dateAt(trialEndsAt ?? startsAt, zone),
      quantity: '1',
      unitPrice: terms.setupFee,
      taxPolicyId: terms.taxPolicyId,
      madeAt,
    },
  ];
}
