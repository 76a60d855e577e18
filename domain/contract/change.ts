import { type Instant, type LocalDate, dateAt } from '../calendar.ts';
import { DomainError } from '../errors.ts';
import { cmp, dec } from '../money.ts';
import { variantOf } from './conflicts.ts';
import { dayOf } from './when.ts';
import {
  type Catalogue,
  type Change,
  type Changes,
  type ComponentTerms,
  type ContractState,
  type Item,
  type ItemRow,
  NO_CHANGES,
  type NewId,
  type Terms,
} from './state.ts';

/** What a change does: the contract afterwards, and the rows that say so. */
export interface Applied {
  readonly state: ContractState;
  readonly changes: Changes;
}

/** A contract books no more than this of one component. */
const MOST = '1000000000';
const QUANTITY_DIGITS = 6;

/**
 * Changes variant and components in one go, from the day of `at` on. A change of the interval makes that day the new
 * anchor of everything. Quantities are absolute.
 * @throws DomainError variant_not_in_plan_group, component_not_allowed, component_unknown, subscription_unknown,
 *   already_booked, invalid_quantity, nothing_to_change, not_yet_sold
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
  const from = at < state.startsAt ? state.startsAt : dayOf(state, at);
  const today = dateAt(at, state.zone);
  const cut = intervalOf(terms) !== intervalOf(state.terms) && !inTrial(state, at);
  const anchor = cut ? today : state.anchor;
  const build = { state, from, anchor, newId };

  const rows: ItemRow[] = [];
  const removed = new Set(change.components?.remove ?? []);
  for (const subject of removed) rows.push(endOf(build, subscriptionOf(state, subject, 'components.remove')));
  rows.push(...setRows(build, change, rows, catalogue));
  if (changesTerms) rows.push(...feeRows(build, terms));
  if (cut) rows.push(...reanchored(build, rows));

  // What is booked has its place in the request: a list of its own in an order, one of several in a change.
  const added = state.phase === 'ordered' ? 'components' : 'components.add';
  const bookings = [...(change.components?.add ?? []), ...includedIn(state, terms, change)];
  const booked = bookings.map((booking) => bookingRow(build, booking, catalogue, added));
  rows.push(...booked);
  if (rows.length === 0 && !changesTerms)
    throw new DomainError('nothing_to_change', 'the command changes nothing');

  const items = replaced(state.items, rows);
  checkAllowed(terms, items, catalogue, added);
  const phases = changesTerms && state.phase !== 'ordered' ? [phaseRow(state, terms, at, newId)] : [];
  return {
    state: { ...state, terms, anchor, items },
    changes: {
      ...NO_CHANGES,
      phases,
      items: rows,
      subscriptions: booked.map(({ subject, componentId }) => ({ id: subject, componentId })),
    },
  };
}

interface Build {
  readonly state: ContractState;
  readonly from: Instant;
  readonly anchor: LocalDate;
  readonly newId: NewId;
}

const intervalOf = ({ feeInterval: f, billingInterval: b }: Terms): string =>
  `${f.count}${f.unit}/${b.count}${b.unit}`;
const inTrial = (state: ContractState, at: Instant): boolean =>
  state.trialEndsAt !== null && at < state.trialEndsAt;

function phaseRow(state: ContractState, terms: Terms, at: Instant, newId: NewId): Changes['phases'][number] {
  const kind = state.phase === 'ordered' ? 'normal' : state.phase;
  return { id: newId('phase'), kind, variantVersionId: terms.variantVersionId, startsAt: at };
}

function endOf({ from, newId }: Build, item: Item): ItemRow {
  return { ...item, id: newId('item'), revision: item.revision + 1, quantity: null, effectiveAt: from };
}

/** New quantities of what is booked, at the price that it was booked at. */
function setRows(build: Build, change: Change, rows: readonly ItemRow[], catalogue: Catalogue): ItemRow[] {
  const named = new Set(rows.map((row) => row.subject));
  return (change.components?.set ?? []).flatMap(({ subscription, quantity }) => {
    const item = subscriptionOf(build.state, subscription, 'components.set');
    if (named.has(subscription)) {
      throw new DomainError('invalid_command', `${subscription} is named twice`, { field: 'components.set' });
    }
    named.add(subscription);
    const component = componentOf(catalogue, item.componentId ?? '', 'components.set');
    const wanted = checkQuantity(component, quantity, 'components.set');
    if (cmp(dec(wanted), dec(item.quantity)) === 0) return [];
    return [
      {
        ...item,
        id: build.newId('item'),
        revision: item.revision + 1,
        quantity: wanted,
        effectiveAt: build.from,
        anchor: build.anchor,
      },
    ];
  });
}

/** The first item of a new component subscription, which is its subject. */
function bookingRow(
  { newId, anchor, from }: Build,
  { component, quantity }: { component: string; quantity: string },
  catalogue: Catalogue,
  field: string,
): Item & { componentId: string } {
  const found = componentOf(catalogue, component, field);
  return {
    id: newId('item'),
    subject: newId('subscription'),
    componentId: found.componentId,
    revision: 1,
    quantity: checkQuantity(found, quantity, field),
    anchor,
    effectiveAt: from,
    pricing: found.pricing,
  };
}

/** The fee at its new price; a variant without a fee ends it. */
function feeRows(build: Build, terms: Terms): ItemRow[] {
  const { state, from, anchor, newId } = build;
  const fee = state.items.find((item) => item.subject === 'fee');
  if (terms.fee === null) return fee === undefined ? [] : [endOf(build, fee)];
  return [
    {
      id: newId('item'),
      subject: 'fee',
      componentId: null,
      revision: state.feeRevision + 1,
      quantity: '1',
      anchor,
      effectiveAt: from,
      pricing: terms.fee,
    },
  ];
}

/** Items that the command leaves alone begin anew at the day that cuts the period. */
function reanchored({ state, from, anchor, newId }: Build, rows: readonly ItemRow[]): ItemRow[] {
  return state.items
    .filter((item) => item.subject !== 'fee' && !rows.some((row) => row.subject === item.subject))
    .map((item) => ({ ...item, id: newId('item'), revision: item.revision + 1, anchor, effectiveAt: from }));
}

/** Components that come with the new variant and that the contract does not have yet. */
function includedIn(
  state: ContractState,
  terms: Terms,
  change: Change,
): { component: string; quantity: string }[] {
  if (change.variant === undefined) return [];
  const booked = new Set([
    ...state.items
      .filter((item) => !(change.components?.remove ?? []).includes(item.subject))
      .map((item) => item.componentId),
    ...(change.components?.add ?? []).map((each) => each.component),
  ]);
  return terms.components
    .filter((each) => each.rule === 'included' && !booked.has(each.componentId))
    .map((each) => ({ component: each.componentId, quantity: each.quantity }));
}

function subscriptionOf(state: ContractState, subject: string, field: string): Item {
  const item = state.items.find((each) => each.subject === subject && each.subject !== 'fee');
  if (item !== undefined) return item;
  throw new DomainError('subscription_unknown', `the contract has no component subscription ${subject}`, {
    field,
  });
}

function componentOf(catalogue: Catalogue, componentId: string, field: string): ComponentTerms {
  const found = catalogue.components.find((each) => each.componentId === componentId);
  if (found === undefined)
    throw new DomainError('component_unknown', `no component ${componentId} in the plan group`, { field });
  if (found.kind === 'metered')
    throw new DomainError('not_yet_sold', 'metered components are not sold yet', { field });
  return found;
}

/** More than nothing, not absurdly much, and exactly one of what is only on or off. */
function checkQuantity(component: ComponentTerms, quantity: string, field: string): string {
  const value = dec(quantity, field);
  const digits = quantity.split('.')[1]?.length ?? 0;
  const fits =
    component.kind === 'on_off'
      ? cmp(value, dec(1)) === 0
      : cmp(value, dec(0)) > 0 && cmp(value, dec(MOST)) <= 0;
  if (fits && digits <= QUANTITY_DIGITS) return quantity;
  const allowed =
    component.kind === 'on_off'
      ? 'exactly 1'
      : `more than 0, at most ${MOST}, with at most ${QUANTITY_DIGITS} decimals`;
  throw new DomainError('invalid_quantity', `the quantity must be ${allowed}`, { field });
}

function replaced(items: readonly Item[], rows: readonly ItemRow[]): Item[] {
  const kept = items.filter((item) => !rows.some((row) => row.subject === item.subject));
  return [
    ...kept,
    ...rows.flatMap((row) => (row.quantity === null ? [] : [{ ...row, quantity: row.quantity }])),
  ];
}

/** Every booked component must be allowed by the variant, and what is on or off is booked at most once. */
function checkAllowed(terms: Terms, items: readonly Item[], catalogue: Catalogue, added: string): void {
  const seen = new Set<string>();
  for (const { componentId } of items) {
    if (componentId === null) continue;
    if (!terms.components.some((each) => each.componentId === componentId)) {
      throw new DomainError(
        'component_not_allowed',
        `the variant does not allow component ${componentId}; remove it in the same command`,
        { field: 'components' },
      );
    }
    const kind = catalogue.components.find((each) => each.componentId === componentId)?.kind;
    if (kind === 'on_off' && seen.has(componentId)) {
      throw new DomainError('already_booked', `component ${componentId} can be booked once only`, {
        field: added,
      });
    }
    seen.add(componentId);
  }
}
