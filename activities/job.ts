import { type JobDeps, type JobStanding, workJob } from '../engine/jobs/work-job.ts';
import { withHeartbeat } from './heartbeat.ts';

export type { JobStanding } from '../engine/jobs/work-job.ts';

export interface JobActivities {
  /** Takes the next step of a job over many accounts. */
  workJob(jobId: string): Promise<JobStanding>;
}

/** The activity of jobs. */
export function createJobActivities(deps: JobDeps): JobActivities {
  return {
    workJob: (jobId) => withHeartbeat((woken) => workJob(deps, { jobId, woken })),
  };
}
