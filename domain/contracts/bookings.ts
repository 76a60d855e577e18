import { dateAt, localDate, startOfDay } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { add, cmp, dec, isZero } from '../arithmetic/money.ts';
import { dayOf } from './grids.ts';
import { QUANTITY_DECIMALS, decimalsOf } from '../arithmetic/quantities.ts';
import { type Build, beginOf, currentAt, includedBy } from './items.ts';
import type { Booking, Catalogue, Change, ComponentTerms, Item, ListedComponent, Terms } from './state.ts';

/** The largest quantity of one booking. */
const MOST = '1000000000';

/**
 * The first item of a new component subscription, whose id is its subject.
 * @param field path of the booking in the request
 * @throws DomainError component_unknown, date_in_the_past, invalid_date, invalid_quantity
 */
export function bookingRow(
  build: Build,
  { component, quantity, start, end }: Booking,
  catalogue: Catalogue,
  field: string,
): Item & { componentId: string } {
  const { state, terms, from, anchor, newId } = build;
  const found = componentOf(catalogue, component, `${field}.component`);
  const day = dayOf(state, from);
  const begins = start === undefined ? null : startOfDay(localDate(start), state.zone);
  if (begins !== null && begins < day) {
    throw new DomainError('date_in_the_past', `the component cannot start on ${start}`, {
      field: `${field}.start`,
    });
  }
  const now = beginOf(build, found.pricing);
  const effectiveAt = begins === null || begins <= now ? now : begins;
  const endsAt = end === undefined ? null : startOfDay(localDate(end), state.zone);
  if (endsAt !== null && endsAt <= effectiveAt) {
    throw new DomainError('invalid_date', 'a component must end on a day after its start', {
      field: `${field}.end`,
    });
  }
  const { trialEndsAt } = state;
  const billed = trialEndsAt !== null && trialEndsAt > effectiveAt ? trialEndsAt : effectiveAt;
  const id = newId('item');
  return {
    id,
    origin: id,
    subject: newId('subscription'),
    componentId: found.componentId,
    revision: 1,
    quantity: checkQuantity(found, quantity, `${field}.quantity`),
    anchor: found.pricing.standalone ? dateAt(billed, state.zone) : anchor,
    effectiveAt,
    endsAt,
    included: includedBy(terms, found.componentId),
    pricing: found.pricing,
  };
}

/** Bookings of the components that the new variant includes and that the contract does not have yet. */
export function includedIn({ state, terms, at }: Build, change: Change): Booking[] {
  if (change.variant === undefined) return [];
  const { set = [], remove = [] } = change.components ?? {};
  const zeros = set.filter(({ quantity }) => isZero(dec(quantity)));
  const ended = [...remove, ...zeros.map(({ subscription }) => subscription)];
  const booked = new Set([
    ...currentAt(state.items, at)
      .filter((item) => !ended.includes(item.subject))
      .map((item) => item.componentId),
    ...(change.components?.add ?? []).map((each) => each.component),
  ]);
  return terms.components
    .filter((each) => each.rule === 'included' && !booked.has(each.componentId))
    .map((each) => ({ component: each.componentId, quantity: each.quantity }));
}

/** @throws DomainError component_unknown */
export function componentOf(catalogue: Catalogue, componentId: string, field: string): ComponentTerms {
  const found = catalogue.components.find((each) => each.componentId === componentId);
  if (found !== undefined) return found;
  throw new DomainError('component_unknown', `no component ${componentId} in the plan group`, { field });
}

/**
 * Returns a quantity that may be booked: exactly 1 of an on/off or metered component, else more than 0 and at most `MOST`.
 * @throws DomainError invalid_quantity
 */
export function checkQuantity(component: ComponentTerms, quantity: string, field: string): string {
  const value = dec(quantity, field);
  const single = component.kind !== 'bookable';
  const fits = single ? cmp(value, dec(1)) === 0 : cmp(value, dec(0)) > 0 && cmp(value, dec(MOST)) <= 0;
  if (fits && decimalsOf(quantity) <= QUANTITY_DECIMALS) return quantity;
  const allowed = single
    ? 'exactly 1'
    : `more than 0, at most ${MOST}, with at most ${QUANTITY_DECIMALS} decimals`;
  throw new DomainError('invalid_quantity', `the quantity must be ${allowed}`, { field });
}

/**
 * Refuses items unless the variant lists their components, their quantities are within its bounds, and on/off and metered
 * components are booked at most once.
 * @param added path of the bookings in the request
 * @throws DomainError component_not_allowed, already_booked, quantity_out_of_bounds
 */
export function checkAllowed(
  terms: Terms,
  items: readonly Item[],
  catalogue: Catalogue,
  added: string,
): void {
  const booked = new Map<string, Item[]>();
  for (const item of items) {
    if (item.componentId !== null) {
      booked.set(item.componentId, [...(booked.get(item.componentId) ?? []), item]);
    }
  }
  for (const [componentId, subscriptions] of booked) {
    const listed = terms.components.find((each) => each.componentId === componentId);
    if (listed === undefined) {
      throw new DomainError(
        'component_not_allowed',
        `the variant does not allow component ${componentId}; remove it in the same command`,
        { field: 'components' },
      );
    }
    const kind = catalogue.components.find((each) => each.componentId === componentId)?.kind;
    if (kind !== 'bookable' && subscriptions.length > 1) {
      throw new DomainError('already_booked', `component ${componentId} can be booked once only`, {
        field: added,
      });
    }
    checkBounds(listed, subscriptions);
  }
}

function checkBounds({ componentId, least, most }: ListedComponent, subscriptions: readonly Item[]): void {
  const sum = subscriptions.reduce((total, item) => add(total, dec(item.quantity)), dec(0));
  const tooFew = least !== null && cmp(sum, dec(least)) < 0;
  const tooMany = most !== null && cmp(sum, dec(most)) > 0;
  if (!tooFew && !tooMany) return;
  throw new DomainError(
    'quantity_out_of_bounds',
    `the variant allows ${tooFew ? `at least ${least}` : `at most ${most}`} of component ${componentId}`,
    { field: 'components' },
  );
}
