import { DomainError } from '../errors.ts';
import { type Instant, type LocalDate, dateAt, later } from '../arithmetic/calendar.ts';
import { arrearsBilledUntil, endOfBooking, isOpen } from '../contracts/grids.ts';
import { componentsBookedBy } from '../contracts/pins.ts';
import { variantOf } from '../catalogue/terms.ts';
import type { Catalogue, CommandBody, ContractState, Item } from '../contracts/state.ts';

/** A tax policy without a rate for the customer's country on a day for which the contract is yet to be billed. */
interface MissingRate {
  readonly taxPolicyId: string;
  readonly date: LocalDate;
}

/**
 * The tax rates that a contract needs and that do not exist. Its billing would stop without them. A rate is valid until
 * the next one begins, so the first day that is not billed yet decides. Late usage keeps the tax of its period.
 * @param catalogue the variants and components that scheduled changes may book; empty if nothing is scheduled
 */
export function missingRates(state: ContractState, catalogue: Catalogue): MissingRate[] {
  return [...itemsToCome(state), ...changesToCome(state, catalogue), ...onceToCome(state)].filter(
    ({ taxPolicyId, date }) =>
      !state.taxRates.some(
        (rate) =>
          rate.taxPolicyId === taxPolicyId && rate.country === state.country && rate.validFrom <= date,
      ),
  );
}

/**
 * Refuses a command after which a rate would be missing that was not missing before, because billing would stop on its
 * day. A rate that was missing before is no reason to refuse, so that an item without a rate can be removed.
 * @param catalogue with the versions that scheduled changes have pinned
 * @throws DomainError tax_rate_missing
 */
export function refuseUntaxed(
  before: ContractState,
  after: ContractState,
  body: CommandBody,
  catalogue: Catalogue,
): void {
  if (body.kind !== 'order' && body.kind !== 'change') return;
  const missing = missingRates(after, catalogue);
  if (missing.length === 0) return;
  const known = new Set(missingRates(before, catalogue).map(({ taxPolicyId }) => taxPolicyId));
  const [first] = missing.filter(({ taxPolicyId }) => !known.has(taxPolicyId));
  if (first === undefined) return;
  throw new DomainError('tax_rate_missing', `no tax rate for ${after.country} on ${first.date}`, {
    field: fieldOf(body, first.taxPolicyId, catalogue),
    details: { country: after.country, serviceDate: first.date },
  });
}

/** The field of the request that books the variant or component without a rate. */
function fieldOf(
  body: Extract<CommandBody, { kind: 'order' | 'change' }>,
  taxPolicyId: string,
  { components }: Catalogue,
): string | undefined {
  const [added, at] =
    body.kind === 'order' ? [body.components, 'components'] : [body.components?.add ?? [], 'components.add'];
  const untaxed = added.findIndex(({ component }) =>
    components.some(
      ({ componentId, pricing }) => componentId === component && pricing.taxPolicyId === taxPolicyId,
    ),
  );
  if (untaxed >= 0) return `${at}[${untaxed}].component`;
  return body.variant === undefined ? undefined : 'variant';
}

function itemsToCome(state: ContractState): MissingRate[] {
  return [...state.past, ...state.items]
    .filter((item) => isOpen(state, item))
    .map((item) => ({
      taxPolicyId: item.pricing.taxPolicyId,
      date: dateAt(
        later(firstUnbilled(state, item), later(item.effectiveAt, state.trialEndsAt ?? '')),
        state.zone,
      ),
    }));
}

/** The first instant that may be unbilled: settled through for an item paid in advance, else the end of its last bill run. */
function firstUnbilled(state: ContractState, item: Item): Instant {
  if (item.pricing.mode !== 'post_paid') return state.settledThrough;
  const settledDay = dateAt(state.settledThrough, state.zone);
  return arrearsBilledUntil(state, item, endOfBooking(state, item), settledDay);
}

function changesToCome(state: ContractState, catalogue: Catalogue): MissingRate[] {
  return state.scheduled.flatMap(({ body, dueAt }) => {
    if (body.kind !== 'change') return [];
    const variant = body.variant === undefined ? undefined : variantOf(catalogue, body.variant);
    const ids = componentsBookedBy(body, catalogue);
    const added = catalogue.components
      .filter((each) => ids.includes(each.componentId))
      .map((each) => each.pricing.taxPolicyId);
    const fee = variant?.fee?.taxPolicyId;
    return [...(fee === undefined ? [] : [fee]), ...added].map((taxPolicyId) => ({
      taxPolicyId,
      date: dateAt(dueAt, state.zone),
    }));
  });
}

const onceToCome = ({ oneTime }: ContractState): MissingRate[] =>
  oneTime.map(({ taxPolicyId, serviceDate }) => ({ taxPolicyId, date: serviceDate }));
