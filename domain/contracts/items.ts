import { type Instant, type LocalDate, addMilliseconds, later } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { type Dec, cmp, dec } from '../arithmetic/money.ts';
import { type PricedPart, price } from '../catalogue/pricing.ts';
import { dayOf } from './grids.ts';
import type { ContractState, Item, ItemRow, NewId, Pricing, Terms } from './state.ts';

/** The inputs of a change. */
export interface Build {
  readonly state: ContractState;
  /** The terms after the change. */
  readonly terms: Terms;
  readonly at: Instant;
  /** The instant at which the new side begins. */
  readonly from: Instant;
  readonly anchor: LocalDate;
  readonly newId: NewId;
}

/**
 * The row that ends an item. It ends where the new side of the change begins. A metered item ends at the change itself and
 * takes usage up to that instant, inclusive, as such usage was reported before. If the change is at the first instant of
 * a day, usage of that instant is excluded.
 */
export function endOf(
  { state, at, from, newId }: Pick<Build, 'state' | 'at' | 'from' | 'newId'>,
  item: Item,
): ItemRow {
  const last = at === dayOf(state, at) ? at : addMilliseconds(at, 1);
  const end = item.pricing.aggregation === null ? from : last;
  const id = newId('item');
  return {
    ...item,
    id,
    origin: id,
    revision: item.revision + 1,
    quantity: null,
    effectiveAt: end > item.effectiveAt ? end : item.effectiveAt,
    endsAt: null,
  };
}

/** The instant at which a booking begins. Standalone and metered items begin with a day. */
export function beginOf(
  { state, from }: Pick<Build, 'state' | 'from'>,
  { standalone, aggregation }: Pricing,
): Instant {
  return standalone || aggregation !== null ? dayOf(state, from) : from;
}

/**
 * The next revision of an item. It begins where the new side of the change begins; if the item is metered, with the day of
 * the change, as a revision does not cut usage. An item that has not begun yet keeps its own start.
 */
export function nextRevision(
  { state, terms, from, anchor, newId }: Build,
  item: Item,
  quantity: string,
): Item {
  const begins = item.pricing.aggregation === null ? from : dayOf(state, from);
  // A change by days counts for all of its day, even if a revision began within that day.
  const began = state.past.some((each) => each.subject === item.subject && each.effectiveAt <= begins);
  return withOrigin(state, {
    ...item,
    id: newId('item'),
    revision: item.revision + 1,
    quantity,
    effectiveAt: began ? begins : later(begins, item.effectiveAt),
    anchor: item.pricing.standalone ? item.anchor : anchor,
    included: includedBy(terms, item.componentId),
  });
}

/** The row with its origin: the item that a change in the pause superseded, if the row restores its terms, else itself. */
export function withOrigin({ suspended }: Pick<ContractState, 'suspended'>, row: Omit<Item, 'origin'>): Item {
  const restored = suspended.find((each) => each.subject === row.subject && sameTerms(each, row));
  return { ...row, origin: restored?.origin ?? row.id };
}

function sameTerms(a: Omit<Item, 'origin'>, b: Omit<Item, 'origin'>): boolean {
  const version = ({ pricing }: Pick<Item, 'pricing'>): string | null =>
    pricing.componentVersionId ?? pricing.variantVersionId;
  const amounts = cmp(dec(a.quantity), dec(b.quantity)) === 0 && cmp(unitsOf(a), unitsOf(b)) === 0;
  return amounts && a.anchor === b.anchor && version(a) === version(b);
}

/** The included units that a variant gives a component; null if it gives none. */
export const includedBy = (terms: Terms, componentId: string | null): string | null =>
  terms.components.find((each) => each.componentId === componentId)?.included ?? null;

/** The included units of an item: those of the variant under which it is booked, else those of its price. */
export const includedOf = ({ included, pricing }: Pick<Item, 'included' | 'pricing'>): string | null =>
  included ?? pricing.included;

/** The included units of an item as a number; 0 if it has none. */
export const unitsOf = (item: Pick<Item, 'included' | 'pricing'>): Dec => dec(includedOf(item) ?? '0');

/** The exact price of a quantity of an item in a full period, tier by tier. */
export function pricedParts(item: Item, quantity: string): PricedPart[] {
  const [included, { model, cap }] = [includedOf(item), item.pricing];
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  return price(model, quantity, options);
}

/** The items that have not ended by an instant, those that begin later included. */
export function currentAt(items: readonly Item[], at: Instant): Item[] {
  return items.filter((item) => item.endsAt === null || item.endsAt > at);
}

/** @throws DomainError subscription_unknown */
export function subscriptionOf({ state, at }: Build, subject: string, field: string): Item {
  const item = currentAt(state.items, at).find((each) => each.subject === subject && subject !== 'fee');
  if (item !== undefined) return item;
  throw new DomainError('subscription_unknown', `the contract has no component subscription ${subject}`, {
    field,
  });
}

/** The items after rows that supersede them. A superseded item that is paid in arrears moves to `past` until it is billed. */
export function replaced(
  state: Pick<ContractState, 'items' | 'past'>,
  rows: readonly ItemRow[],
): Pick<ContractState, 'items' | 'past'> {
  const successor = (item: Item): ItemRow | undefined => rows.find((row) => row.subject === item.subject);
  const endedAt = (item: Item, at: Instant): Instant =>
    item.endsAt !== null && item.endsAt < at ? item.endsAt : at;
  const superseded = [...state.items, ...state.past].flatMap((item) => {
    const row = successor(item);
    return row === undefined ? [] : [{ ...item, endsAt: endedAt(item, row.effectiveAt) }];
  });
  return {
    items: [
      ...state.items.filter((item) => successor(item) === undefined),
      ...rows.flatMap((row) => (row.quantity === null ? [] : [{ ...row, quantity: row.quantity }])),
    ],
    past: [
      ...state.past.filter((item) => successor(item) === undefined),
      ...superseded.filter((item) => item.pricing.mode === 'post_paid' && item.endsAt > item.effectiveAt),
    ],
  };
}
