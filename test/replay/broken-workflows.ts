// The current workflows, except that a contract sleeps for a minute first. No recorded history replays on this change.
import { sleep } from '@temporalio/workflow';
import { contract as today } from '../../workflows/index.ts';

export { clock, collection } from '../../workflows/index.ts';

export async function contract(contractId: string): Promise<void> {
  await sleep('1 minute');
  await today(contractId);
}
