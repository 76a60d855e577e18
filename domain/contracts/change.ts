import { type Instant, dateAt } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { cmp, dec, isZero } from '../arithmetic/money.ts';
import { bookingRow, checkAllowed, checkQuantity, componentOf, includedIn } from './bookings.ts';
import { aheadOf, floorOf, sideOf } from './grids.ts';
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
  type Changes,
  type ContractState,
  type ItemRow,
  NO_CHANGES,
  type NewId,
  type Terms,
} from './state.ts';
import { sameInterval, variantOf } from '../catalogue/terms.ts';

/** What a change does: the contract afterwards, and the rows that say so. */
export interface Applied {
  readonly state: ContractState;
  readonly changes: Changes;
}

/**
 * Changes variant and components in one go, from the day of `at` on. A change of the interval makes that day the new
 * anchor of everything. Quantities are absolute.
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

  // What is booked has its place in the request: a list of its own in an order, one of several in a change.
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
    changes: {
      ...NO_CHANGES,
      phases,
      items: rows,
      subscriptions: booked.map(({ subject, componentId }) => ({ id: subject, componentId })),
    },
  };
}

/** Whether a change is made in the trial or for its end, before the first bill. */
const inTrial = ({ trialEndsAt, settledThrough }: ContractState, at: Instant): boolean =>
  trialEndsAt !== null && (at < trialEndsAt || (at === trialEndsAt && settledThrough < at));

const sameTerm = (a: Terms, b: Terms): boolean =>
  JSON.stringify([a.term, a.renewal]) === JSON.stringify([b.term, b.renewal]);

/** Without proration there is no share of a period that a new interval could cut short. */
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

function phaseRow(state: ContractState, terms: Terms, at: Instant, newId: NewId): Changes['phases'][number] {
  const kind = state.phase === 'ordered' ? 'normal' : state.phase;
  return { id: newId('phase'), kind, variantVersionId: terms.variantVersionId, startsAt: at };
}

/** New quantities of what is booked, at the price that it was booked at; 0 ends it. */
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

/** The fee at its new price; a variant without a fee ends it. */
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
 * What the command leaves alone, but whose anchor or whose included units are others under the new variant, or what is
 * billed further ahead than it would be now. What was billed before a variant without proration was left stays billed: it
 * is of a revision that nothing changes later.
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
        cut && !standalone && aheadOf({ ...state, terms, anchor }, next, day) < aheadOf(state, item, day);
      const ahead = mode !== 'post_paid' && (prorates || shorter);
      return same && !ahead ? [] : [next];
    });
}
