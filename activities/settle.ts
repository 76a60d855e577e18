import { activityInfo } from '@temporalio/activity';
import type { Pool } from '../db/platform/pool.ts';
import {
  type SettleInput,
  type SettleDeps,
  type SettleResult,
  createSettling,
} from '../engine/contracts/settle.ts';
import { inTime } from './in-time.ts';

export type { SettleInput, SettleResult } from '../engine/contracts/settle.ts';
export type { Standing } from '../engine/contracts/standing.ts';

interface Deps extends SettleDeps {
  /** The connections for local activities, which settle a contract within its workflow task. */
  readonly localPool: Pool;
}

/** The deciding activity of contracts. It settles what is due and what was asked, step by step, up to now. */
export function createSettleActivities({ localPool, ...deps }: Deps): {
  settle(contractId: string, input: SettleInput): Promise<SettleResult>;
} {
  const settling = createSettling(deps);
  return {
    settle: (contractId, input) =>
      inTime(() => settling(contractId, input, activityInfo().isLocal ? localPool : deps.pool)),
  };
}
