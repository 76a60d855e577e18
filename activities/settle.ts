import { type Brought, type SettleDeps, type Settled, createSettling } from '../engine/settle.ts';

export type { Brought, Settled, Standing } from '../engine/settle.ts';

/** The deciding activity of contracts: what is due and what was asked, step by step, up to now. */
export function createSettleActivities(deps: SettleDeps): {
  settle(contractId: string, brought: Brought): Promise<Settled>;
} {
  return { settle: createSettling(deps) };
}
