import { activityInfo } from '@temporalio/activity';
import { type AccountStanding, type RunDeps, runAccount } from '../engine/books/run-account.ts';

export type { AccountStanding } from '../engine/books/run-account.ts';

export interface AccountActivities {
  /** Takes the next step of the runs of a collective account. */
  runAccount(accountId: string): Promise<AccountStanding>;
}

/** The activity of collective accounts. */
export function createAccountActivities(deps: RunDeps): AccountActivities {
  return {
    runAccount(accountId) {
      const woken = new Date(activityInfo().currentAttemptScheduledTimestampMs).toISOString();
      return runAccount(deps, { accountId, woken });
    },
  };
}
