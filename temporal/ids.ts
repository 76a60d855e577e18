/**
 * The ids of workflows, and their task queues. A workflow starts from its id alone, so an id is the type of the workflow,
 * a slash, and the id of its row. The tables `agenda`, `outbox` and `incidents` have the same ids, and statements use the
 * same prefixes (`test/house/folders.test.ts`).
 */

/** The prefix of each kind of id. An event of the sandbox has an agenda row and no workflow. */
export const PREFIX = {
  contract: 'contract/',
  account: 'account/',
  collection: 'collection/',
  job: 'job/',
  clock: 'clock/',
  sandboxEvent: 'sandbox/',
} as const;

export const contractWorkflow = (contractId: string): string => PREFIX.contract + contractId;
export const accountWorkflow = (accountId: string): string => PREFIX.account + accountId;
export const collectionWorkflow = (receivableId: string): string => PREFIX.collection + receivableId;
export const jobWorkflow = (jobId: string): string => PREFIX.job + jobId;
export const clockWorkflow = (clockId: string): string => PREFIX.clock + clockId;

const WORKFLOW_TYPES = ['contract', 'account', 'collection', 'job', 'clock'] as const;
export type WorkflowType = (typeof WORKFLOW_TYPES)[number];

/**
 * Splits a workflow's id into its type and the id of its row.
 * @throws RangeError for a text that is not the id of a workflow
 */
export function parseWorkflowId(workflowId: string): {
  readonly type: WorkflowType;
  /** The id of the contract, billing account, receivable, job or test clock. */
  readonly rowId: string;
} {
  for (const type of WORKFLOW_TYPES) {
    const prefix = PREFIX[type];
    if (workflowId.startsWith(prefix)) return { type, rowId: workflowId.slice(prefix.length) };
  }
  throw new RangeError(`no workflow has the id ${workflowId}`);
}

/** The id of the sandbox's event that an agenda row is for. */
export function sandboxEventOf(agendaId: string): string {
  return agendaId.slice(PREFIX.sandboxEvent.length);
}

/** The queue of all workflows, and of activities that need no provider. */
export const TASK_QUEUE = 'tenor';
/** The queue of a provider. Each provider has one, so that its limits and outages do not affect others. */
export const providerQueue = (provider: string): string => `psp-${provider}`;
