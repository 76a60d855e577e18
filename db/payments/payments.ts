import type { Allocation } from '../../domain/books/allocation.ts';
import { allocationRows, reduceOpenAmounts } from '../books/allocations.ts';
import { bigint, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import type { Tables } from '../tables.ts';
import { mutation, writeRows } from '../platform/write.ts';

/** A payment to store. */
export interface NewPayment {
  readonly accountId: string;
  /** Null for a receipt. */
  readonly attemptId: string | null;
  /** 'hand' for a receipt; otherwise the provider that collected it. */
  readonly provider: string;
  readonly reference: string;
  readonly text: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** The receivables that it was collected for. They are paid first. */
  readonly receivableIds: readonly string[];
  /** The contract of its attempt. Undefined if it belongs to the contracts of the receivables that it pays. */
  readonly contractId: string | null | undefined;
  readonly at: string;
}

/** How a payment is recorded: the receivables that it pays, and its postings. */
export interface PaymentDistribution {
  readonly paymentId: string;
  readonly creditId: string;
  readonly allocations: readonly Allocation[];
  /** The part that stays as account credit. */
  readonly leftMinor: bigint;
  /** The amount by contract. The share of null is for no contract. */
  readonly shares: readonly (readonly [contractId: string | null, amountMinor: bigint])[];
}

/**
 * Stores a payment in one statement: the payment, its credit, its journal entry (debit cash, credit receivable), and its
 * allocations. The caller holds the account's lock.
 */
export async function storePayment(
  tx: Tx,
  merchant: MerchantId,
  payment: NewPayment,
  distribution: PaymentDistribution,
): Promise<void> {
  const { accountId, amountMinor, currency, at } = payment;
  const { paymentId, creditId, allocations, leftMinor, shares } = distribution;
  const base = { merchant_id: merchant, account_id: accountId };
  await writeRows(
    tx,
    'storePayment',
    {
      payments: [
        {
          ...base,
          id: paymentId,
          attempt_id: payment.attemptId,
          provider: payment.provider,
          reference: payment.reference,
          currency,
          amount_minor: amountMinor,
          effective_at: at,
        },
      ],
      credits: [
        {
          ...base,
          id: creditId,
          payment_id: paymentId,
          currency,
          amount_minor: amountMinor,
          left_minor: leftMinor,
          effective_at: at,
        },
      ],
      allocations: allocationRows(merchant, allocations, at),
      ...entryRows(base, {
        fact: factOf(paymentId),
        text: payment.text,
        reference: payment.reference,
        at,
        currency,
        postings: shares.flatMap(([contractId, share]) => [
          [`cash:${payment.provider}`, contractId, share],
          ['receivable', contractId, -share],
        ]),
      }),
    },
    [reduceOpenAmounts({ merchant })],
  );
}

const factOf = (paymentId: string): string => `payment:${paymentId}`;

interface Entry {
  readonly fact: string;
  readonly text: string;
  readonly reference: string;
  readonly at: string;
  readonly currency: string;
  /** Ledger account, contract and signed minor units; positive is debit. */
  readonly postings: readonly (readonly [string, string | null, bigint])[];
}

function entryRows(
  base: { merchant_id: string; account_id: string },
  { fact, text, reference, at, currency, postings }: Entry,
): { [Table in 'journal_entries' | 'postings']: Tables[Table][] } {
  const entry_id = newId('entry');
  return {
    journal_entries: [{ ...base, id: entry_id, fact, text, reference, effective_at: at }],
    postings: postings.map(([ledger_account, contract_id, amount_minor], index) => ({
      ...base,
      entry_id,
      n: index + 1,
      contract_id,
      ledger_account,
      currency,
      amount_minor,
    })),
  };
}

const creditOfAttempt = {
  id: text,
  account_id: text,
  payment_id: text,
  provider: text,
  reference: text,
  currency: text,
  amount_minor: bigint,
};

/** The credit of an attempt's payment. */
export type CreditOfAttempt = RowOf<typeof creditOfAttempt>;

const lockCredit = statement('lockCreditOfAttempt', {
  sql: `
    select c.id, c.account_id, p.id as payment_id, p.provider, p.reference, c.currency, c.amount_minor
    from payments p
    join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
    where p.merchant_id = :merchant and p.attempt_id = :attempt and c.reversed_minor = 0
    for no key update of c`,
  params: { merchant: 'text', attempt: 'text' },
  row: creditOfAttempt,
});

const selectPaid = statement('paidByCredit', {
  sql: `
    select receivable_id as "receivableId", sum(amount_minor)::bigint as "amountMinor" from allocations
    where merchant_id = :merchant and credit_id = :credit
    group by 1 having sum(amount_minor) > 0`,
  params: { merchant: 'text', credit: 'text' },
  row: { receivableId: text, amountMinor: bigint },
});

const selectShares = statement('sharesOfPayment', {
  sql: `
    select p.contract_id as "contractId", -p.amount_minor as "amountMinor"
    from journal_entries e
    join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id
    where e.merchant_id = :merchant and e.fact = :fact and p.ledger_account = 'receivable'
    order by p.n`,
  params: { merchant: 'text', fact: 'text' },
  row: { contractId: text.nullable(), amountMinor: bigint },
});

/** Locks the credit of an attempt's payment, and reads what it has paid and how its postings share it. Null if there is no payment, or if it was charged back. */
export async function findCredit(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
): Promise<{
  readonly credit: CreditOfAttempt;
  readonly paid: readonly { readonly receivableId: string; readonly amountMinor: bigint }[];
  /** How its amount is shared by contracts in the journal. */
  readonly shares: readonly { readonly contractId: string | null; readonly amountMinor: bigint }[];
} | null> {
  const credit = await lockCredit.maybeRow(tx, { merchant, attempt: attemptId });
  if (credit === null) return null;
  const paid = await selectPaid.rows(tx, { merchant, credit: credit.id });
  return { credit, paid, shares: await selectShares.rows(tx, { merchant, fact: factOf(credit.payment_id) }) };
}

const reverseCredit = mutation('reverse_credit', {
  sql: `update credits set left_minor = 0, reversed_minor = amount_minor
    where merchant_id = :merchant and id = :credit`,
  params: { merchant: 'text', credit: 'text' },
});

/** Stores a chargeback: `allocations` take back what the payment has paid, and its credit and its journal entry are reversed. */
export async function storeChargeback(
  tx: Tx,
  merchant: MerchantId,
  credit: CreditOfAttempt,
  {
    allocations,
    shares,
    eventId,
    at,
  }: {
    readonly allocations: readonly Allocation[];
    readonly shares: readonly { readonly contractId: string | null; readonly amountMinor: bigint }[];
    readonly eventId: string;
    readonly at: string;
  },
): Promise<void> {
  await writeRows(
    tx,
    'storeChargeback',
    {
      allocations: allocationRows(merchant, allocations, at),
      ...entryRows(
        { merchant_id: merchant, account_id: credit.account_id },
        {
          fact: `chargeback:${credit.provider}:${eventId}`,
          text: 'Chargeback',
          reference: credit.reference,
          at,
          currency: credit.currency,
          postings: shares.flatMap(({ contractId, amountMinor }) => [
            ['receivable', contractId, amountMinor],
            [`cash:${credit.provider}`, contractId, -amountMinor],
          ]),
        },
      ),
    },
    [
      ...(allocations.length > 0 ? [reduceOpenAmounts({ merchant })] : []),
      reverseCredit({ merchant, credit: credit.id }),
    ],
  );
}
