import { oneTimeLine, oneTimeMinor } from '../../domain/books/one-time.ts';
import type { Charge } from '../../domain/books/charge.ts';
import { billByBooks } from './bill-by-books.ts';
import { checkPrice } from '../../domain/catalogue/prices.ts';
import { billCharges } from '../../domain/books/bill.ts';
import { type LocalDate, addInterval, dateAt } from '../../domain/arithmetic/calendar.ts';
import type { OneTimeCharge } from '../../domain/contracts/state.ts';
import { DomainError, atField } from '../../domain/errors.ts';
import { kindOfAccount } from '../../db/books/accounts.ts';
import { type AccountContext, loadAccount, lockAccount } from '../../db/books/account-context.ts';
import type { Origin } from '../../db/books/charge-rows.ts';
import { refuseEnded } from '../../domain/contracts/conflicts.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { lockBillingContracts, lockContract, ownerOfContract } from '../../db/contracts/locks.ts';
import { storeBilledOneTime } from '../../db/books/one-time-rows.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { addWaiting, addWaitingForRun } from './waiting-charges.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import { findAccount, refuseDeactivated } from './find-account.ts';
import { lockRatesAhead } from '../catalogue/tax-rates.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import type { OneTimeRequest } from '../requests.ts';
import { collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';

/**
 * Makes a one-time charge in the caller's transaction, on a document of its own or on the next invoice. A charge that could
 * not be billed later is refused now. The last statement takes the document's number.
 * @param id of the new one-time charge
 */
export async function createOneTimeCharge(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  request: OneTimeRequest,
): Promise<void> {
  const taxPolicyId = await resolve(tx, merchant, 'taxPolicy', request.tax_policy, 'tax_policy');
  const { accountId, contractId, now } = await lockTarget(tx, merchant, request);
  const next = request.bill === 'next_invoice';
  // The kind does not change while the contract or the customer is locked.
  const waits = !next ? null : await kindOfAccount(tx, merchant, accountId);
  const contracts =
    waits === 'immediate' ? await lockBillingContracts(tx, merchant, accountId, contractId) : [];
  await lockAccount(tx, merchant, accountId);
  const {
    context,
    place,
    priceMode: modeOfAccount,
    deactivated,
  } = await loadAccount(tx, merchant, { accountId, contractId, taxPolicyId });
  refuseDeactivated({ deactivated }, 'account');
  const { currency, price_mode: priceMode } = request;
  if (place.currency !== currency) {
    throw new DomainError('currency_mismatch', `the account is in ${place.currency}`, { field: 'currency' });
  }
  const charge: OneTimeCharge = {
    id,
    kind: 'charge',
    text: request.text,
    reference: request.reference ?? null,
    application: request.application ?? null,
    serviceDate: serviceDateOf(request, dateAt(now, place.zone)),
    quantity: request.quantity,
    unitPrice: request.unit_price,
    taxPolicyId,
    madeAt: now,
  };
  atField('unit_price', () => {
    checkPrice(charge.unitPrice, currency);
    oneTimeMinor(charge, currency);
  });
  const origin: Origin = { account: context, contractId, currency, priceMode, at: now };
  // The line is also made for a charge that waits, to refuse one that could not be taxed.
  const line = atField('tax_policy', () => oneTimeLine(place, charge, newId));
  if (!(await lockRatesAhead(tx, merchant, place, [line], now))) {
    throw new DomainError('tax_rate_missing', 'the tax rate was removed just now: repeat the request', {
      field: 'tax_policy',
    });
  }
  if (waits === 'immediate') await addWaiting(tx, origin, charge, contracts);
  else if (waits === 'collective') await addWaitingForRun(tx, origin, charge, modeOfAccount);
  else await billNow(tx, origin, context, charge, line);
}

/** Locks the named contract, or else the customer, and finds the account to bill. It creates the account if it is missing. */
async function lockTarget(
  tx: Tx,
  merchant: MerchantId,
  request: OneTimeRequest,
): Promise<{ accountId: string; contractId: string | null; now: string }> {
  if (request.contract !== undefined) {
    const contractId = await resolve(tx, merchant, 'contract', request.contract, 'contract');
    const locked = found(await lockContract(tx, merchant, contractId), 'contract', 'contract');
    refuseEnded(locked);
    refuseAdvancing(locked);
    const { accountId } = found(await ownerOfContract(tx, merchant, contractId), 'contract', 'contract');
    return { accountId, contractId, now: locked.now_at };
  }
  const customerId = await resolve(tx, merchant, 'customer', request.customer ?? '', 'customer');
  const customer = await lockOrderingCustomer(tx, merchant, customerId);
  refuseAdvancing(customer);
  const { id: accountId } = await findAccount(tx, merchant, customer, {
    accountId: request.account ?? null,
    issuerId:
      request.issuer === undefined ? null : await resolve(tx, merchant, 'issuer', request.issuer, 'issuer'),
    currency: request.currency,
    paymentTermDays: null,
  });
  return { accountId, contractId: null, now: customer.now_at };
}

const MOST_YEARS = { unit: 'year', count: 10 } as const;

/** @throws DomainError invalid_date more than ten years from today */
function serviceDateOf({ service_date: date }: OneTimeRequest, today: LocalDate): LocalDate {
  if (date === undefined) return today;
  if (date >= addInterval(today, MOST_YEARS, -1) && date <= addInterval(today, MOST_YEARS, 1)) return date;
  throw new DomainError('invalid_date', `the service date must be within ten years of today, ${today}`, {
    field: 'service_date',
  });
}

/**
 * Bills the charge on a document of its own. The contract's workflow makes the first attempt to collect it. Without a
 * contract, collection makes it at once.
 */
async function billNow(
  tx: Tx,
  origin: Origin,
  account: AccountContext,
  charge: OneTimeCharge,
  line: Charge,
): Promise<void> {
  const { contractId, currency, priceMode, at } = origin;
  const firstAttempt = contractId === null ? 'collection' : 'contract';
  const input = {
    groups: [{ contractId, charges: [line] }],
    at,
    currency,
    priceMode,
    subject: charge.text,
    firstAttempt,
  } as const;
  const bill = await billByBooks(tx, account.merchantId, account.accountId, account, (books) =>
    billCharges(input, at, books, newId),
  );
  if (bill === null) {
    throw new DomainError('invalid_amount', 'the amount is zero, and no document is made for zero', {
      field: 'unit_price',
    });
  }
  const { receivable, attempt } = bill.billed.initialPayment;
  if (receivable !== null && attempt !== null) {
    const workflowId = contractId === null ? collectionWorkflow(receivable.id) : contractWorkflow(contractId);
    await enqueue(tx, account.merchantId, [{ kind: 'wake', workflowId, clockId: account.clockId }]);
  }
  await storeBilledOneTime(tx, origin, charge, { line, ...bill });
}
