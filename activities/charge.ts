import { ApplicationFailure } from '@temporalio/common';
import {
  AttemptInFlight,
  type ChargeDeps,
  UnknownProvider,
  chargeOfCollection,
  chargeOfContract,
} from '../engine/payments/charge.ts';

export interface ChargeActivities {
  /** Sends a contract's attempt or looks it up, and returns the id of the next attempt that the contract sends, or null. */
  charge(contractId: string, attemptId: string): Promise<string | null>;
  /** The same for collection: sends a planned attempt, or looks up one that was sent before. */
  collectAttempt(attemptId: string): Promise<void>;
}

/** The activities on a provider's queue. */
export function createChargeActivities(deps: ChargeDeps): ChargeActivities {
  return {
    charge: (contractId, attemptId) => charging(() => chargeOfContract(deps, contractId, attemptId)),
    collectAttempt: (attemptId) => charging(() => chargeOfCollection(deps, attemptId)),
  };
}

/** Runs the work, and turns its errors into failures that say whether and when Temporal retries. */
async function charging<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownProvider) {
      throw ApplicationFailure.nonRetryable(error.message, 'UnknownProvider');
    }
    if (!(error instanceof AttemptInFlight)) throw error;
    throw ApplicationFailure.create({
      type: 'AttemptInFlight',
      message: error.message,
      nextRetryDelay: `${error.seconds}s`,
      category: 'BENIGN',
    });
  }
}
