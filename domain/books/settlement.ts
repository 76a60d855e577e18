import { type Instant, addDuration, dateAt } from '../arithmetic/calendar.ts';
import { type Allocation, type Credit, type OpenReceivable, allocateCredits } from './allocation.ts';
import type { ContractState } from '../contracts/state.ts';
import { languageOf } from '../parties/languages.ts';
import { titleOf } from './title.ts';
import type { Charge } from './charge.ts';
import type { CreditedGroup } from './credited.ts';
import { type DocumentContext, type DocumentDraft, makeDocument } from './document.ts';

/** How long the contract has for its own attempt before collection owns what is open. */
const OWN_ATTEMPT_MINUTES = 15;

/** The settlement of a document's total: a receivable or a credit, what credit pays at once, and the first attempt. */
export interface Settlement {
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

/** The account that a step is billed to. */
export interface BilledAccount {
  readonly issuer: { readonly zone: string };
  readonly paymentTermDays: number;
  /** The customer's, as it was given: `de-AT`. */
  readonly language: string;
  /** The customer's title pattern; null: the plan's name. */
  readonly invoiceTitle: string | null;
  readonly credits: readonly Credit[];
  readonly openReceivables: readonly OpenReceivable[];
  /** Of the invoices whose charges are credited. */
  readonly credited: readonly CreditedGroup[];
  readonly paymentMethod: { readonly id: string; readonly provider: string } | null;
}

/** A document and how it is settled. */
export interface Billed {
  readonly document: DocumentDraft;
  readonly settlement: Settlement;
}

/** What a step bills: its charges, of the contract as it is afterwards. */
interface Billable {
  readonly at: Instant;
  readonly state: ContractState;
  readonly charges: readonly Charge[];
}

/** Charges that are billed together: whose they are, and when. */
interface Bill {
  readonly charges: readonly Charge[];
  readonly at: Instant;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** What its title speaks of: the plan, or the one-time charge. */
  readonly subject: string;
  /** Who makes the first attempt: the contract's workflow, or collection at once, where no contract does. */
  readonly firstAttempt: 'contract' | 'collection';
}

type NewBillingId = (kind: 'document' | 'receivable' | 'credit' | 'attempt') => string;

/** Turns the charges of a step into a document of an immediate account, or null when they come to nothing. */
export function bill(
  step: Billable,
  finalisedAt: Instant,
  account: BilledAccount,
  newId: NewBillingId,
): Billed | null {
  const { currency, priceMode, terms } = step.state;
  const { charges, at } = step;
  return billCharges(
    { charges, at, currency, priceMode, subject: terms.planName, firstAttempt: 'contract' },
    finalisedAt,
    account,
    newId,
  );
}

/**
 * Whether charges make an invoice that takes nothing from its account: no credit pays it, nothing of it waited there for any
 * contract, and it gives nothing back.
 */
export function addsAlone(
  charges: readonly Charge[],
  { hasCredit }: { readonly hasCredit: boolean },
): boolean {
  if (hasCredit) return false;
  return charges.every(
    ({ amountMinor, oneTimeId, reversesId }) =>
      amountMinor >= 0n && oneTimeId === null && reversesId === null,
  );
}

/** Makes a document of charges, and settles it; null when they come to nothing. */
export function billCharges(
  what: Bill,
  finalisedAt: Instant,
  account: BilledAccount,
  newId: NewBillingId,
): Billed | null {
  const { charges, at, currency, priceMode, subject } = what;
  const context = {
    priceMode,
    currency,
    issuerZone: account.issuer.zone,
    paymentTermDays: account.paymentTermDays,
    titles: titlesOf(subject, at, account),
  };
  const document = makeDocument(newId('document'), charges, finalisedAt, context, account.credited);
  return document && { document, settlement: settleDocument(document, what, account, newId) };
}

/** Invoices have the title that the customer wants; credit notes are called by their plan. */
function titlesOf(plan: string, at: Instant, account: BilledAccount): DocumentContext['titles'] {
  const date = dateAt(at, account.issuer.zone);
  const language = languageOf(account.language);
  return { invoice: titleOf(account.invoiceTitle, { plan, date, language }), credit_note: plan };
}

/**
 * Settles a new document: an invoice is paid from the account's credits, oldest first, and what stays open is
 * charged; a credit note pays the oldest open receivables, and waits as credit with the rest.
 */
function settleDocument(
  document: DocumentDraft,
  { at, firstAttempt }: Bill,
  account: BilledAccount,
  newId: NewBillingId,
): Settlement {
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
 * Receivables that a document pays in full and that have a collection of their own, which is to wake and take its
 * dunning away.
 */
export function collectionsPaid(
  { allocations }: Pick<Settlement, 'allocations'>,
  open: readonly (OpenReceivable & { readonly collected: boolean })[],
): string[] {
  const paid = new Map(allocations.map(({ receivableId, amountMinor }) => [receivableId, amountMinor]));
  return open
    .filter(({ id, openMinor, collected }) => collected && paid.get(id) === openMinor)
    .map(({ id }) => id);
}

function sum(allocations: readonly Allocation[]): bigint {
  return allocations.reduce((total, each) => total + each.amountMinor, 0n);
}
