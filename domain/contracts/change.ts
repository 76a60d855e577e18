import { type Instant, dateAt } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { cmp, dec, isZero } from '../arithmetic/money.ts';
import { bookingRow, checkAllowed, checkQuantity, componentOf, includedIn } from './bookings.ts';
import { advancePaidUntil, floorOf, sideOf } from './grids.ts';
import {
  type Build,
  currentAt,
  endOf,
  nextRevision,
  replaced,
  subscriptionOf,
  unitsOf,
  withOrigin,
} from './items.ts';
import {
  type Catalogue,
  type Change,
  type ContractRows,
  type ContractState,
  type ItemRow,
  NO_ROWS,
  type NewId,
  type Terms,
} from './state.ts';
import { sameInterval, variantOf } from '../catalogue/terms.ts';

/** The contract after a change, and the rows that the change adds. */
export interface Applied {
  readonly state: ContractState;
  readonly rows: ContractRows;
}

/**
 * Changes variant and components together, from the day of `at` on. A change of the interval makes that day the new anchor
 * of the contract and of its items, except standalone ones. Quantities are absolute.
 * @throws DomainError variant_not_in_plan_group, component_not_allowed, component_unknown, subscription_unknown,
 *   already_booked, invalid_quantity, quantity_out_of_bounds, nothing_to_change, interval_not_prorated, invalid_date
 */
export function applyChange(
  state: ContractState,
  change: Change,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Applied {
  const terms = change.variant === undefined ? state.terms : variantOf(catalogue, change.variant);
  const changesTerms = state.phase === 'ordered' || terms.variantVersionId !== state.terms.variantVersionId;
  const from =
    state.phase === 'ordered' || at < state.startsAt ? state.startsAt : sideOf(state, at, state.terms, terms);
  const cut = !sameInterval(terms, state.terms) && !inTrial(state, at);
  if (cut) checkCut(state, terms, at);
  const anchor = cut ? dateAt(at, state.zone) : state.anchor;
  const build = { state, terms, at, from, anchor, newId };

  const rows: ItemRow[] = [];
  for (const [n, subject] of [...new Set(change.components?.remove)].entries())
    rows.push(endOf(build, subscriptionOf(build, subject, `components.remove[${n}]`)));
  rows.push(...setRows(build, change, rows, catalogue));
  if (changesTerms) rows.push(...feeRows(build));
  if (changesTerms || cut) rows.push(...carriedOver(build, rows, cut));

  // The path of the bookings in the request, which is not the same in an order and in a change.
  const added = state.phase === 'ordered' ? 'components' : 'components.add';
  const booked = [
    ...(change.components?.add ?? []).map((each, n) => bookingRow(build, each, catalogue, `${added}[${n}]`)),
    ...includedIn(build, change).map((each) => bookingRow(build, each, catalogue, 'variant')),
  ];
  rows.push(...booked);
  if (rows.length === 0 && !changesTerms)
    throw new DomainError('nothing_to_change', 'the command changes nothing');

  const after = replaced(state, rows);
  checkAllowed(terms, currentAt(after.items, at), catalogue, added);
  const phases = changesTerms && state.phase !== 'ordered' ? [phaseRow(state, terms, at, newId)] : [];
  const newTerm = changesTerms && state.phase !== 'ordered' && !sameTerm(terms, state.terms);
  const termStart = newTerm && !inTrial(state, at) ? dateAt(at, state.zone) : state.termStart;
  return {
    state: { ...state, ...after, terms, anchor, termStart },
    rows: {
      ...NO_ROWS,
      phases,
      items: rows,
      subscriptions: booked.map(({ subject, componentId }) => ({ id: subject, componentId })),
    },
  };
}

/** Whether a change counts in the trial, or at its end before the first bill. */
const inTrial = ({ trialEndsAt, settledThrough }: ContractState, at: Instant): boolean =>
  trialEndsAt !== null && (at < trialEndsAt || (at === trialEndsAt && settledThrough < at));

const sameTerm = (a: Terms, b: Terms): boolean =>
  JSON.stringify([a.term, a.renewal]) === JSON.stringify([b.term, b.renewal]);

/** Refuses a change of the interval within a period if a variant does not prorate, as the period could not be cut short. */
function checkCut(state: ContractState, terms: Terms, at: Instant): void {
  const runs = { anchor: state.anchor, interval: state.terms.feeInterval };
  const today = dateAt(at, state.zone);
  const prorated = state.terms.proration !== 'none' && terms.proration !== 'none';
  if (prorated || floorOf(runs, today) === today) return;
  throw new DomainError(
    'interval_not_prorated',
    'the variant is not prorated: its interval can change at the end of the period only',
    { field: 'effective' },
  );
}

function phaseRow(
  state: ContractState,
  terms: Terms,
  at: Instant,
  newId: NewId,
): ContractRows['phases'][number] {
  const kind = state.phase === 'ordered' ? 'normal' : state.phase;
  return { id: newId('phase'), kind, variantVersionId: terms.variantVersionId, startsAt: at };
}

/** Rows for new quantities of component subscriptions, at the prices at which they were booked; 0 ends a subscription. */
function setRows(build: Build, change: Change, rows: readonly ItemRow[], catalogue: Catalogue): ItemRow[] {
  const named = new Set(rows.map((row) => row.subject));
  return (change.components?.set ?? []).flatMap(({ subscription, quantity }, n) => {
    const field = `components.set[${n}]`;
    const item = subscriptionOf(build, subscription, `${field}.subscription`);
    if (named.has(subscription)) {
      throw new DomainError('invalid_command', `${subscription} is named twice`, {
        field: `${field}.subscription`,
      });
    }
    named.add(subscription);
    const component = componentOf(catalogue, item.componentId ?? '', `${field}.subscription`);
    if (isZero(dec(quantity))) return [endOf(build, item)];
    const wanted = checkQuantity(component, quantity, `${field}.quantity`);
    return cmp(dec(wanted), dec(item.quantity)) === 0 ? [] : [nextRevision(build, item, wanted)];
  });
}

/** The row of the fee at its new price. A variant without a fee ends the fee. */
function feeRows(build: Build): ItemRow[] {
  const { state, terms, from, anchor, newId } = build;
  const fee = state.items.find((item) => item.subject === 'fee');
  if (terms.fee === null) return fee === undefined ? [] : [endOf(build, fee)];
  return [
    withOrigin(state, {
      id: newId('item'),
      subject: 'fee',
      componentId: null,
      revision: state.feeRevision + 1,
      quantity: '1',
      anchor,
      effectiveAt: from,
      endsAt: null,
      included: null,
      pricing: terms.fee,
    }),
  ];
}

/**
 * New revisions of components that the command does not name. A component needs one if its anchor or its included units
 * change with the variant, or if it is billed further ahead than it would be now. If the contract leaves a variant without
 * proration, every component paid in advance needs one: lines from before then belong to an old revision, which no later
 * change credits.
 */
function carriedOver(build: Build, rows: readonly ItemRow[], cut: boolean): ItemRow[] {
  const { state, terms, anchor, at } = build;
  const day = dateAt(at, state.zone);
  const prorates = state.terms.proration === 'none' && terms.proration !== 'none';
  return currentAt(state.items, at)
    .filter((item) => item.subject !== 'fee' && !rows.some((row) => row.subject === item.subject))
    .flatMap((item) => {
      const next = nextRevision(build, item, item.quantity);
      const same = next.anchor === item.anchor && cmp(unitsOf(next), unitsOf(item)) === 0;
      const { mode, standalone } = item.pricing;
      const shorter =
        cut &&
        !standalone &&
        advancePaidUntil({ ...state, terms, anchor }, next, day) < advancePaidUntil(state, item, day);
      const ahead = mode !== 'post_paid' && (prorates || shorter);
      return same && !ahead ? [] : [next];
    });
}
