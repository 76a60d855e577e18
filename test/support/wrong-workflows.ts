// The contract workflow of other code. Its histories do not replay on the current workflow.
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export async function contract(_contractId: string): Promise<void> {
  let woken = false;
  setHandler(defineSignal('wake'), () => {
    woken = true;
  });
  await sleep('1 millisecond');
  await condition(() => woken);
}
