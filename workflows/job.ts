import {
  CancellationScope,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobActivities, JobStanding } from '../activities/job.ts';
import { attribute } from '../temporal/attributes.ts';
import { wake } from '../temporal/messages.ts';

/** A step works on up to twenty accounts. Heartbeats say that its worker lives, however long it takes. */
const activities = proxyActivities<JobActivities>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * A job over many billing accounts: a run of each, or each is deactivated or activated. It starts from the job's id alone, and takes
 * steps until an activity says that no account is left, or that the job was asked to stop. A wake changes nothing, because
 * the workflow never waits. A request to cancel it changes nothing either: a job is stopped through the API.
 */
export async function job(jobId: string): Promise<void> {
  setHandler(wake, () => undefined);
  const continues = await CancellationScope.nonCancellable(() => run(jobId));
  if (continues) await continueAsNew<typeof job>(jobId);
}

/** Runs until the job has ended (false), or the history has grown too long (true). */
async function run(jobId: string): Promise<boolean> {
  for (let first = true; ; first = false) {
    const standing = await activities.workJob(jobId);
    if (first) show(standing);
    if (standing.finished) return false;
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > standing.limit) return true;
  }
}

/** Shows the job in the Temporal UI. */
function show({ shown }: JobStanding): void {
  upsertSearchAttributes([{ key: attribute.Merchant, value: shown.merchant }]);
  setCurrentDetails(`A job of the kind **${shown.kind}**. \`GET /v1/account-jobs/{id}\` says how far it is.`);
}
