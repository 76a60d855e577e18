// Workflows of today, but for a contract that sleeps for a moment before anything else: a change that no history allows.
import { sleep } from '@temporalio/workflow';
import { contract as today } from '../../workflows/index.ts';

export { clock, collection } from '../../workflows/index.ts';

export async function contract(contractId: string): Promise<void> {
  await sleep('1 minute');
  await today(contractId);
}
