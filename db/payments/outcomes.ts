import { z } from 'zod';
import { ATTEMPT_STATES, type AttemptState } from '../../domain/payments/attempt.ts';
import { bigint, list, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const attemptToRecord = {
  receivable_id: text.nullable(),
  collection_id: text.nullable(),
  /** The receivables that it collects, oldest first. */
  receivables: list(text),
  account_id: text,
  contract_id: text.nullable(),
  provider: text,
  provider_object: text.nullable(),
  currency: text,
  amount_minor: bigint,
  state: z.enum(ATTEMPT_STATES),
};

/** The fields of an attempt that are needed to record its outcome. */
export type AttemptToRecord = RowOf<typeof attemptToRecord>;

const ATTEMPT = `
  select receivable_id, collection_id, account_id, contract_id, provider, provider_object, currency, amount_minor, state,
    case when receivable_id is null then array(
      select r.id from attempt_receivables x
      join receivables r on r.merchant_id = x.merchant_id and r.id = x.receivable_id
      where x.merchant_id = t.merchant_id and x.attempt_id = t.id
      order by r.effective_at, r.id) else array[receivable_id] end as receivables
  from attempts t
  where merchant_id = :merchant and id = :attempt`;

const selectAttempt = statement('attemptToRecord', {
  sql: ATTEMPT,
  params: { merchant: 'text', attempt: 'text' },
  row: attemptToRecord,
});

const lockAndSelectAttempt = statement('lockAttemptToRecord', {
  sql: `${ATTEMPT} for no key update of t`,
  params: { merchant: 'text', attempt: 'text' },
  row: attemptToRecord,
});

const lockReceivables = statement('lockReceivables', {
  sql: 'select from receivables where merchant_id = :merchant and id = any(:receivables) order by id for no key update',
  params: { merchant: 'text', receivables: 'text[]' },
});

export function readAttempt(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
): Promise<AttemptToRecord | null> {
  return selectAttempt.maybeRow(tx, { merchant, attempt: attemptId });
}

/** Locks an attempt, after its receivables, and reads it again. The caller holds their account's lock. */
export async function lockAttempt(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  receivables: readonly string[],
): Promise<AttemptToRecord | null> {
  await lockReceivables.run(tx, { merchant, receivables });
  return lockAndSelectAttempt.maybeRow(tx, { merchant, attempt: attemptId });
}

const updateState = statement('storeOutcomeOfAttempt', {
  sql: `
    update attempts set state = :state, reason = :reason, action_url = :actionUrl, decided_at = :at, lease_until = null,
      lookups = 0
    where merchant_id = :merchant and id = :attempt`,
  params: {
    merchant: 'text',
    attempt: 'text',
    state: 'text',
    reason: 'text?',
    actionUrl: 'text?',
    at: 'timestamptz',
  },
});

/** Stores the outcome of an attempt, which ends its lease. */
export async function storeOutcome(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  outcome: {
    readonly state: AttemptState;
    readonly reason: string | null;
    readonly actionUrl: string | null;
    readonly at: string;
  },
): Promise<void> {
  await updateState.run(tx, { merchant, attempt: attemptId, ...outcome });
}

const updateLookups = statement('countLookupOfAttempt', {
  sql: `
    update attempts set lookups = lookups + 1, decided_at = :at
    where merchant_id = :merchant and id = :attempt and state = any(:states)`,
  params: { merchant: 'text', attempt: 'text', states: 'text[]', at: 'timestamptz' },
});

/** Counts a look-up of an attempt, if the attempt is in one of these states. */
export async function countLookup(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  of: { readonly states: readonly AttemptState[]; readonly at: string },
): Promise<void> {
  await updateLookups.run(tx, { merchant, attempt: attemptId, ...of });
}
