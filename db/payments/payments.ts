import { type Allocation, type OpenReceivable, allocateCredits } from '../../domain/books/allocation.ts';
import { OPEN_CHANGES, allocateWaiting, allocationRows, openReceivables } from '../books/allocations.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Tx, maybeRow, rows } from '../platform/pool.ts';
import { type Row, writeRows } from '../platform/write.ts';

/** Money that came in. */
export interface NewPayment {
  readonly accountId: string;
  /** Null: a receipt that was booked by hand. */
  readonly attemptId: string | null;
  /** 'hand', or the provider that collected it. */
  readonly provider: string;
  readonly reference: string;
  readonly text: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** What it was collected for: paid first. */
  readonly receivableId: string | null;
  readonly contractId: string | null;
  readonly at: string;
}

/**
 * Books money in one statement: payment, credit, journal entry (debit cash, credit receivable) and the allocations
 * that it pays; what is left waits as credit. The caller holds the account's lock. Answers the payment, and the
 * receivables that were paid by it.
 */
export async function bookPayment(
  tx: Tx,
  merchant: MerchantId,
  payment: NewPayment,
): Promise<{ paymentId: string; paid: string[] }> {
  const { accountId, amountMinor, currency, receivableId, at } = payment;
  const [paymentId, creditId] = [newId('payment'), newId('credit')];
  const open = await openReceivables(tx, merchant, accountId);
  const first = open.filter(({ id }) => id === receivableId);
  const others = open.filter(({ id }) => id !== receivableId);
  const allocations = allocateCredits([{ id: creditId, leftMinor: amountMinor }], [...first, ...others]);
  const leftMinor = allocations.reduce((left, each) => left - each.amountMinor, amountMinor);
  const base = { merchant_id: merchant, account_id: accountId };
  await writeRows(
    tx,
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
        fact: `payment:${paymentId}`,
        text: payment.text,
        reference: payment.reference,
        at,
        currency,
        postings: sharesOf(payment, allocations, open, leftMinor).flatMap(([contractId, share]) => [
          [`cash:${payment.provider}`, contractId, share],
          ['receivable', contractId, -share],
        ]),
      }),
    },
    { more: [OPEN_CHANGES], params: [merchant] },
  );
  return { paymentId, paid: [...new Set(allocations.map((each) => each.receivableId))] };
}

/** Postings carry the contract: that of the charge, or those whose receivables a receipt pays. */
function sharesOf(
  { attemptId, contractId, amountMinor }: NewPayment,
  allocations: readonly Allocation[],
  open: readonly (OpenReceivable & { readonly contractId: string | null })[],
  leftMinor: bigint,
): [string | null, bigint][] {
  if (attemptId !== null) return [[contractId, amountMinor]];
  const contractOf = new Map(open.map((each) => [each.id, each.contractId]));
  const paid = allocations.map((each): [string | null, bigint] => [
    contractOf.get(each.receivableId) ?? null,
    each.amountMinor,
  ]);
  return leftMinor > 0n ? [...paid, [null, leftMinor]] : paid;
}

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
): Record<'journal_entries' | 'postings', Row[]> {
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

interface CreditOfAttempt {
  readonly id: string;
  readonly account_id: string;
  readonly contract_id: string | null;
  readonly provider: string;
  readonly reference: string;
  readonly currency: string;
  readonly amount_minor: bigint;
}

/**
 * Books that an attempt's payment was charged back, once: what it paid is open again, its credit is gone, and the
 * entry reversed. The caller holds the account's lock. Answers the receivables that changed; none the second time.
 */
export async function bookChargeback(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  eventId: string,
  at: string,
): Promise<string[]> {
  const credit = await maybeRow<CreditOfAttempt>(
    tx,
    `select c.id, c.account_id, t.contract_id, p.provider, p.reference, c.currency, c.amount_minor
     from payments p join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
     join attempts t on t.merchant_id = p.merchant_id and t.id = p.attempt_id
     where p.merchant_id = $1 and p.attempt_id = $2 and c.reversed_minor = 0 for update of c`,
    [merchant, attemptId],
  );
  if (credit === null) return [];
  const paid = await rows<{ receivableId: string; amountMinor: bigint }>(
    tx,
    `select receivable_id as "receivableId", (-sum(amount_minor))::bigint as "amountMinor" from allocations
     where merchant_id = $1 and credit_id = $2 group by 1 having sum(amount_minor) > 0`,
    [merchant, credit.id],
  );
  const allocations = paid.map((each) => ({ creditId: credit.id, ...each }));
  const reversed = `reversed as (update credits set left_minor = 0, reversed_minor = amount_minor where merchant_id = $2 and id = $3)`;
  await writeRows(
    tx,
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
          postings: [
            ['receivable', credit.contract_id, credit.amount_minor],
            [`cash:${credit.provider}`, credit.contract_id, -credit.amount_minor],
          ],
        },
      ),
    },
    { more: [...(paid.length > 0 ? [OPEN_CHANGES] : []), reversed], params: [merchant, credit.id] },
  );
  const covered = await allocateWaiting(tx, merchant, credit.account_id, at);
  return [...new Set([...paid.map((each) => each.receivableId), ...covered])];
}
