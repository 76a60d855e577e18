// The contract workflow of a broken release: its task always fails, and writes nothing.
export async function contract(contractId: string): Promise<void> {
  throw new Error(`${contractId} cannot run`);
}
