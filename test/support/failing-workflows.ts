// A contract as a broken release has it: its task fails again and again, and leaves nothing behind.
export async function contract(contractId: string): Promise<void> {
  throw new Error(`${contractId} cannot run`);
}
