/**
 * The ids of workflows, and the queues that they run on. A workflow starts from its id alone, so an id is the type of
 * the workflow, a slash, and the id of the row that it is about. Postgres names workflows by the same ids in `agenda`,
 * `outbox` and `incidents`; statements begin them in the same way (`test/house/folders.test.ts`).
 */

/** The beginning of each kind of id. An event of the sandbox has an agenda row and no workflow. */
export const PREFIX = {
  contract: 'contract/',
  collection: 'collection/',
  clock: 'clock/',
  sandboxEvent: 'sandbox/',
} as const;

export const contractWorkflow = (contractId: string): string => PREFIX.contract + contractId;
export const collectionWorkflow = (receivableId: string): string => PREFIX.collection + receivableId;
export const clockWorkflow = (clockId: string): string => PREFIX.clock + clockId;

/**
 * Takes a workflow's id apart.
 * @throws RangeError for what is no id of a workflow
 */
export function parseWorkflowId(workflowId: string): {
  readonly type: 'contract' | 'collection' | 'clock';
  /** The contract, receivable or test clock. */
  readonly subject: string;
} {
  for (const type of ['contract', 'collection', 'clock'] as const) {
    const prefix = PREFIX[type];
    if (workflowId.startsWith(prefix)) return { type, subject: workflowId.slice(prefix.length) };
  }
  throw new RangeError(`no workflow has the id ${workflowId}`);
}

/** The event of the sandbox that an agenda row is about. */
export function sandboxEventOf(agendaId: string): string {
  return agendaId.slice(PREFIX.sandboxEvent.length);
}

/** The queue of all workflows, and of activities that need no provider. */
export const TASK_QUEUE = 'tenor';
/** A queue per provider, so that its limits and its outages stay its own. */
export const providerQueue = (provider: string): string => `psp-${provider}`;
