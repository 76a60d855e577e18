import type { AnyDerivation, Charge } from '../../domain/books/charge.ts';
import type { OneTimeCharge, OneTimeState } from '../../domain/contracts/state.ts';
import type { AccountTerms } from './account-context.ts';
import type { Tables } from '../tables.ts';

/** The account, the contract and the instant of charges that are billed together. */
export interface Origin {
  readonly account: AccountTerms;
  /** Null for charges of the account itself. */
  readonly contractId: string | null;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly at: string;
}

/** The row of a charge. */
export function chargeRow(origin: Origin, commandId: string | null, charge: Charge): Tables['charges'] {
  const { account, contractId, currency, priceMode, at } = origin;
  return {
    merchant_id: account.merchantId,
    contract_id: contractId,
    id: charge.id,
    account_id: account.accountId,
    item_id: charge.itemId,
    part: charge.part,
    kind: charge.kind,
    reverses_id: charge.reversesId,
    one_time_id: charge.oneTimeId,
    text: charge.text,
    starts_at: charge.startsAt,
    ends_at: charge.endsAt,
    from_date: charge.from,
    to_date: charge.to,
    quantity: charge.quantity,
    unit_price: charge.unitPrice,
    full_amount: charge.fullAmount,
    unit: charge.unit,
    days: charge.used,
    full_days: charge.fullLength,
    amount_minor: charge.amountMinor,
    currency,
    price_mode: priceMode,
    tax_category: charge.tax.category,
    tax_rate: charge.tax.rate,
    tax_text: charge.tax.text,
    tax_country: charge.tax.country,
    derivation: storedDerivation(charge.derivation),
    command_id: commandId,
    effective_at: at,
    recorded_at: at,
  };
}

/** The row that says that a charge waits for the run of its collective account. */
export function waitingRow({
  merchant_id,
  id,
  account_id,
  effective_at,
}: Tables['charges']): Tables['waiting_charges'] {
  return { merchant_id, charge_id: id, account_id, effective_at };
}

/** A derivation as it is stored. A price version never changes, so its model is not repeated in each line. */
function storedDerivation(derivation: AnyDerivation): object {
  if (!('model' in derivation)) return derivation;
  const { model, ...rest } = derivation;
  const { variant_version, component_version } = derivation.price;
  return (variant_version ?? component_version) === null ? { model, ...rest } : rest;
}

/** The row of a one-time charge. */
export function oneTimeRow(
  origin: Origin,
  charge: OneTimeCharge,
  state: OneTimeState,
): Tables['one_time_charges'] {
  const { account, contractId, currency, priceMode, at } = origin;
  return {
    merchant_id: account.merchantId,
    contract_id: contractId,
    id: charge.id,
    account_id: account.accountId,
    kind: charge.kind,
    application: charge.application,
    text: charge.text,
    reference: charge.reference,
    service_date: charge.serviceDate,
    quantity: charge.quantity,
    unit_price: charge.unitPrice,
    currency,
    price_mode: priceMode,
    tax_policy_id: charge.taxPolicyId,
    state,
    created_at: at,
  };
}
