import { type Instant, addDuration, dateAt } from '../arithmetic/calendar.ts';
import { type Allocation, type AccountCredit, type OpenReceivable, allocateCredits } from './allocation.ts';
import type { ContractState } from '../contracts/state.ts';
import { languageOf } from '../parties/languages.ts';
import { titleOf } from './title.ts';
import type { BilledCharge, Charge, ChargeGroup } from './charge.ts';
import type { InvoicedGroup } from './credited.ts';
import { type DocumentContext, type DocumentDraft, makeDocument } from './document.ts';

/** The time for the contract's own attempt, after which collection takes over the receivable. */
const OWN_ATTEMPT_MINUTES = 15;

/** How a new document is paid: its receivable or account credit, the allocations made at once, and the first attempt. */
export interface InitialPayment {
  readonly receivable: {
    readonly id: string;
    readonly amountMinor: bigint;
    readonly openMinor: bigint;
  } | null;
  readonly credit: { readonly id: string; readonly amountMinor: bigint; readonly leftMinor: bigint } | null;
  readonly allocations: readonly Allocation[];
  readonly attempt: {
    readonly id: string;
    readonly amountMinor: bigint;
    readonly paymentMethodId: string;
    readonly provider: string;
  } | null;
  /** When collection takes over, if the attempt has no outcome by then. */
  readonly collectionAt: Instant | null;
}

/** The billing account of a document. */
export interface BilledAccount {
  readonly issuer: { readonly zone: string };
  readonly paymentTermDays: number;
  /** The customer's language as it was sent: `de-AT`. */
  readonly language: string;
  /** The customer's title pattern; null for the plan's name. */
  readonly invoiceTitle: string | null;
  readonly credits: readonly AccountCredit[];
  readonly openReceivables: readonly OpenReceivable[];
  /** The tax groups of the invoices whose charges are credited. */
  readonly credited: readonly InvoicedGroup[];
  readonly paymentMethod: { readonly id: string; readonly provider: string } | null;
}

/** A document, and how it is paid. */
export interface Bill<C extends BilledCharge = Charge> {
  readonly document: DocumentDraft<C>;
  readonly initialPayment: InitialPayment;
}

/** The charges of a step, and the contract after it. */
interface Billable {
  readonly at: Instant;
  readonly state: ContractState;
  readonly charges: readonly Charge[];
}

/** Charges that are billed together on one document. */
export interface BillInput<C extends BilledCharge> {
  /** In the order in which the document prints them. */
  readonly groups: readonly ChargeGroup<C>[];
  readonly at: Instant;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** The name of the plan or of the account, or the text of the one-time charge, for the title. */
  readonly subject: string;
  /** The workflow that makes the first attempt: the contract's, or collection at once if there is no contract. */
  readonly firstAttempt: 'contract' | 'collection';
}

type NewBillingId = (kind: 'document' | 'receivable' | 'credit' | 'attempt') => string;

/** Makes a document of the charges of a step, and decides how it is paid; null if all charges are 0.00. */
export function bill(
  step: Billable,
  finalisedAt: Instant,
  account: BilledAccount,
  newId: NewBillingId,
): Bill | null {
  const { contractId, currency, priceMode, terms } = step.state;
  const { charges, at } = step;
  return billCharges(
    {
      groups: [{ contractId, charges }],
      at,
      currency,
      priceMode,
      subject: terms.planName,
      firstAttempt: 'contract',
    },
    finalisedAt,
    account,
    newId,
  );
}

/**
 * Whether charges make an invoice that takes nothing from its account (rule 46): no credit pays it, it has no one-time
 * charge, which may have waited there for any contract, and it credits nothing.
 */
export function takesNothingFromAccount(
  charges: readonly Charge[],
  { hasCredit }: { readonly hasCredit: boolean },
): boolean {
  if (hasCredit) return false;
  return charges.every(
    ({ amountMinor, oneTimeId, reversesId }) =>
      amountMinor >= 0n && oneTimeId === null && reversesId === null,
  );
}

/** Makes a document of charges, and decides how it is paid; null if all charges are 0.00. */
export function billCharges<C extends BilledCharge>(
  input: BillInput<C>,
  finalisedAt: Instant,
  account: BilledAccount,
  newId: NewBillingId,
): Bill<C> | null {
  const { groups, at, currency, priceMode, subject } = input;
  const context = {
    priceMode,
    currency,
    issuerZone: account.issuer.zone,
    paymentTermDays: account.paymentTermDays,
    titles: titlesOf(subject, at, account),
  };
  const document = makeDocument(newId('document'), groups, finalisedAt, context, account.credited);
  return document && { document, initialPayment: planPayment(document, input, account, newId) };
}

/** The title of an invoice follows the customer's pattern. The title of a credit note is the name of the plan. */
function titlesOf(plan: string, at: Instant, account: BilledAccount): DocumentContext['titles'] {
  const date = dateAt(at, account.issuer.zone);
  const language = languageOf(account.language);
  return { invoice: titleOf(account.invoiceTitle, { plan, date, language }), credit_note: plan };
}

/**
 * Decides how a new document is paid. The account's credits pay an invoice, oldest first, and an attempt charges what is
 * still open. A credit note pays the oldest open receivables, and the rest of it waits as account credit.
 */
function planPayment(
  document: DocumentDraft<BilledCharge>,
  { at, firstAttempt }: Pick<BillInput<BilledCharge>, 'at' | 'firstAttempt'>,
  account: BilledAccount,
  newId: NewBillingId,
): InitialPayment {
  if (document.kind === 'credit_note') {
    const credit = { id: newId('credit'), leftMinor: -document.grossMinor };
    const allocations = allocateCredits([credit], account.openReceivables);
    return {
      receivable: null,
      credit: {
        id: credit.id,
        amountMinor: credit.leftMinor,
        leftMinor: credit.leftMinor - sum(allocations),
      },
      allocations,
      attempt: null,
      collectionAt: null,
    };
  }
  const id = newId('receivable');
  const allocations = allocateCredits(account.credits, [
    { id, openMinor: document.grossMinor, underWay: false },
  ]);
  const openMinor = document.grossMinor - sum(allocations);
  const method = openMinor > 0n ? account.paymentMethod : null;
  return {
    receivable: { id, amountMinor: document.grossMinor, openMinor },
    credit: null,
    allocations,
    attempt: method && {
      id: newId('attempt'),
      amountMinor: openMinor,
      paymentMethodId: method.id,
      provider: method.provider,
    },
    collectionAt:
      method && addDuration(at, { minutes: firstAttempt === 'contract' ? OWN_ATTEMPT_MINUTES : 0 }),
  };
}

/**
 * The receivables that a document pays in full and that have a collection. The collection must be woken to end its
 * dunning.
 */
export function collectionsPaid(
  { allocations }: Pick<InitialPayment, 'allocations'>,
  open: readonly (OpenReceivable & { readonly hasCollection: boolean })[],
): string[] {
  const paid = new Map(allocations.map(({ receivableId, amountMinor }) => [receivableId, amountMinor]));
  return open
    .filter(({ id, openMinor, hasCollection }) => hasCollection && paid.get(id) === openMinor)
    .map(({ id }) => id);
}

function sum(allocations: readonly Allocation[]): bigint {
  return allocations.reduce((total, each) => total + each.amountMinor, 0n);
}
