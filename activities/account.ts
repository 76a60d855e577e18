import { Context, activityInfo } from '@temporalio/activity';
import { type AccountStanding, type RunDeps, runAccount } from '../engine/books/run-account.ts';

export type { AccountStanding } from '../engine/books/run-account.ts';

export interface AccountActivities {
  /** Takes the next step of the runs of a collective account. */
  runAccount(accountId: string): Promise<AccountStanding>;
}

const HEARTBEAT_MS = 2_000;

/** The activity of collective accounts, with a heartbeat. */
export function createAccountActivities(deps: RunDeps): AccountActivities {
  return {
    async runAccount(accountId) {
      const woken = new Date(activityInfo().currentAttemptScheduledTimestampMs).toISOString();
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        return await runAccount(deps, { accountId, woken });
      } finally {
        clearInterval(beat);
      }
    },
  };
}
