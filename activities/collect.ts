import { activityInfo } from '@temporalio/activity';
import { type CollectDeps, type CollectionStanding, collect } from '../engine/payments/collect.ts';

export type { CollectionStanding } from '../engine/payments/collect.ts';

export interface CollectActivities {
  /** Decides and stores the next step. `unanswered` is an attempt that got no outcome in time. */
  collect(id: string, unanswered: string | null): Promise<CollectionStanding>;
}

/** The deciding activity of collections. */
export function createCollectActivities(deps: CollectDeps): CollectActivities {
  return {
    collect(id, unanswered) {
      const woken = new Date(activityInfo().currentAttemptScheduledTimestampMs).toISOString();
      return collect(deps, { id, unanswered, woken });
    },
  };
}
