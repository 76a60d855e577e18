import { type SettleInput, type SettleDeps, type Settled, createSettling } from '../engine/settle.ts';

export type { SettleInput, Settled, Standing } from '../engine/settle.ts';

/** The deciding activity of contracts: what is due and what was asked, step by step, up to now. */
export function createSettleActivities(deps: SettleDeps): {
  settle(contractId: string, input: SettleInput): Promise<Settled>;
} {
  return { settle: createSettling(deps) };
}
