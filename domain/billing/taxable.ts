import { type Instant, type LocalDate, dateAt, later } from '../arithmetic/calendar.ts';
import { behindOf, endOfBooking, isOpen } from '../contracts/grids.ts';
import { bookedBy } from '../contracts/pins.ts';
import { variantOf } from '../catalogue/terms.ts';
import type { Catalogue, ContractState, Item } from '../contracts/state.ts';

/** A tax policy that has no rate for the customer's country on a day that the contract is still to be billed for. */
interface MissingRate {
  readonly taxPolicyId: string;
  readonly date: LocalDate;
}

/**
 * The rates that a contract would miss: where there are any, its billing would stop. A rate counts until the next one,
 * so the first day that is not billed yet decides. Usage that comes late keeps the tax of its period.
 * @param catalogue what scheduled changes may add; empty where nothing is scheduled
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

/** What is paid in advance may be billed from what is settled on, what is paid in arrears from its last bill run on. */
function firstUnbilled(state: ContractState, item: Item): Instant {
  if (item.pricing.mode !== 'post_paid') return state.settledThrough;
  const settled = dateAt(state.settledThrough, state.zone);
  return behindOf(state, item, endOfBooking(state, item), settled);
}

function changesToCome(state: ContractState, catalogue: Catalogue): MissingRate[] {
  return state.scheduled.flatMap(({ body, dueAt }) => {
    if (body.kind !== 'change') return [];
    const variant = body.variant === undefined ? undefined : variantOf(catalogue, body.variant);
    const ids = bookedBy(body, catalogue);
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
