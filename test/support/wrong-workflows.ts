// A contract as some other code had it: its histories do not fit the workflow of today.
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export async function contract(_contractId: string): Promise<void> {
  let woken = false;
  setHandler(defineSignal('wake'), () => {
    woken = true;
  });
  await sleep('1 millisecond');
  await condition(() => woken);
}
