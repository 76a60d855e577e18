import type { AttemptState } from '../../domain/payments/attempt.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Tx, maybeRow, rows } from '../platform/pool.ts';

/** Of an attempt, what the booking of its outcome needs. */
export interface AttemptToBook {
  readonly receivable_id: string;
  readonly account_id: string;
  readonly contract_id: string | null;
  readonly provider: string;
  readonly provider_object: string | null;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly state: AttemptState;
}

const ATTEMPT = `select receivable_id, account_id, contract_id, provider, provider_object, currency, amount_minor, state
  from attempts where merchant_id = $1 and id = $2`;

export function readAttempt(tx: Tx, merchant: MerchantId, attemptId: string): Promise<AttemptToBook | null> {
  return maybeRow<AttemptToBook>(tx, ATTEMPT, [merchant, attemptId]);
}

/** Locks an attempt after its receivable, and reads it once more; the caller holds their account's lock. */
export async function lockAttempt(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  receivableId: string,
): Promise<AttemptToBook | null> {
  await rows(tx, 'select from receivables where merchant_id = $1 and id = $2 for no key update', [
    merchant,
    receivableId,
  ]);
  return maybeRow<AttemptToBook>(tx, `${ATTEMPT} for no key update`, [merchant, attemptId]);
}

/** Stores how an attempt stands. */
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
  await rows(
    tx,
    `update attempts set state = $3, reason = $4, action_url = $5, decided_at = $6, lease_until = null, lookups = 0
     where merchant_id = $1 and id = $2`,
    [merchant, attemptId, outcome.state, outcome.reason, outcome.actionUrl, outcome.at],
  );
}

/** Counts a look-up of an attempt in one of these states. */
export async function countLookup(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  { states, at }: { states: readonly AttemptState[]; at: string },
): Promise<void> {
  await rows(
    tx,
    `update attempts set lookups = lookups + 1, decided_at = $3
     where merchant_id = $1 and id = $2 and state = any($4)`,
    [merchant, attemptId, at, states],
  );
}
