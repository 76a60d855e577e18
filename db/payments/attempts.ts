import { z } from 'zod';
import { ATTEMPT_STATES } from '../../domain/payments/attempt.ts';
import type { Share } from '../../domain/payments/balance.ts';
import { bigint, instant, int, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

const attemptToCharge = {
  id: text,
  merchant: merchantColumn,
  /** What it collects: one receivable, or those of a collection of the account. */
  receivableId: text.nullable(),
  collectionId: text.nullable(),
  accountId: text,
  contractId: text.nullable(),
  clockId: text.nullable(),
  state: z.enum(ATTEMPT_STATES),
  provider: text,
  providerObject: text.nullable(),
  amountMinor: bigint,
  currency: text,
  token: text,
  methodRemoved: truth,
  /** Seconds until the lease of the process that sent it ends; 0 or less if it has ended. */
  leaseSeconds: int,
  /** The customer's now when the attempt was read. */
  now: instant,
};

/** An attempt with the data that its provider needs. */
export type AttemptToCharge = RowOf<typeof attemptToCharge>;

const selectAttempt = statement('loadAttempt', {
  sql: sqlFile(import.meta.url, 'load-attempt.sql'),
  params: { attempt: 'text' },
  row: attemptToCharge,
  planned: true,
});

/** Loads an attempt by its id alone; null if there is none, because its test clock was deleted. */
export function loadAttempt(db: Db, attemptId: string): Promise<AttemptToCharge | null> {
  return selectAttempt.maybeRow(db, { attempt: attemptId });
}

const updateSent = statement('markAttemptSent', {
  sql: `
    update attempts set state = 'sent', provider_object = :providerObject, sent_at = coalesce(sent_at, :at),
      lease_until = clock_timestamp() + make_interval(secs => :leaseSeconds)
    where merchant_id = :merchant and id = :attempt`,
  params: {
    merchant: 'text',
    attempt: 'text',
    providerObject: 'text',
    at: 'timestamptz',
    leaseSeconds: 'float8',
  },
});

/** Marks an attempt as sent, with a lease and the provider's object. Commit it before money moves. */
export async function storeSent(
  tx: Tx,
  { merchant, id }: AttemptToCharge,
  sent: { readonly providerObject: string; readonly at: string; readonly leaseSeconds: number },
): Promise<void> {
  await updateSent.run(tx, { merchant, attempt: id, ...sent });
}

const abandon = statement('abandonAttempts', {
  sql: `
    update attempts set state = 'abandoned', decided_at = :at, lease_until = null
    where merchant_id = :merchant and id = any(:attempts)`,
  params: { merchant: 'text', attempts: 'text[]', at: 'timestamptz' },
});

/** Marks attempts as abandoned. */
export async function abandonAttempts(
  tx: Tx,
  merchant: MerchantId,
  ids: readonly string[],
  at: string,
): Promise<void> {
  await abandon.run(tx, { merchant, attempts: ids, at });
}

/** An attempt to plan. */
export interface NewAttempt {
  readonly accountId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly n: number;
  readonly methodId: string;
  readonly provider: string;
  readonly at: string;
  /** Null for a collection of an account. */
  readonly receivableId: string | null;
  readonly contractId: string | null;
  readonly collectionId: string | null;
  /** The parts of the receivables of a collection. */
  readonly shares: readonly Share[];
}

/** Stores the next attempt of a receivable or of a collection, and returns its id. */
export async function insertAttempt(tx: Tx, merchant: MerchantId, planned: NewAttempt): Promise<string> {
  const attempt = newId('attempt');
  await writeRows(tx, 'insertAttempt', {
    attempts: [
      {
        merchant_id: merchant,
        id: attempt,
        receivable_id: planned.receivableId,
        collection_id: planned.collectionId,
        account_id: planned.accountId,
        contract_id: planned.contractId,
        payment_method_id: planned.methodId,
        provider: planned.provider,
        n: planned.n,
        currency: planned.currency,
        amount_minor: planned.amountMinor,
        state: 'planned',
        effective_at: planned.at,
      },
    ],
    attempt_receivables: planned.shares.map(({ receivableId, amountMinor }) => ({
      merchant_id: merchant,
      attempt_id: attempt,
      receivable_id: receivableId,
      amount_minor: amountMinor,
    })),
  });
  return attempt;
}

const updateLease = statement('endLeaseOfAttempt', {
  sql: `
    update attempts set lease_until = clock_timestamp()
    where merchant_id = :merchant and id = :attempt and state = 'sent'`,
  params: { merchant: 'text', attempt: 'text' },
});

/** Ends the lease of an attempt that failed before it was sent, so that it can be tried again at once. */
export async function endLease(db: Db, merchant: MerchantId, attemptId: string): Promise<void> {
  await updateLease.run(db, { merchant, attempt: attemptId });
}

const selectPlanned = statement('nextPlannedAttempt', {
  sql: `
    select id from attempts
    where merchant_id = :merchant and contract_id = :contract and provider = :provider and state = 'planned' and n = 1
    order by id limit 1`,
  params: { merchant: 'text', contract: 'text', provider: 'text' },
  row: { id: text },
});

/** The next attempt that a contract's workflow sends to a provider; null if there is none. Only collections send later attempts. */
export async function nextPlanned(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  provider: string,
): Promise<string | null> {
  const found = await selectPlanned.maybeRow(db, { merchant, contract: contractId, provider });
  return found?.id ?? null;
}
