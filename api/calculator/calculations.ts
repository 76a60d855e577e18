import type { MerchantId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { previewCommand } from '../../engine/contracts/commands.ts';
import { type Forecast, forecast } from '../../engine/contracts/forecast.ts';
import { previewOrder, tryOrder } from '../../engine/contracts/order-draft.ts';
import type { Preview } from '../../engine/contracts/preview.ts';
import type { CommandRequest, OrderRequest } from '../../engine/requests.ts';
import { billingToWire, previewToWire } from '../previews.ts';
import type { JobScope } from '../../db/jobs/jobs.ts';
import { previewBilling } from '../../engine/jobs/preview-billing.ts';

/**
 * Computations that may take long. Each loads one snapshot and writes nothing. Previews return their JSON text, so that it is
 * made in the same thread.
 */
const CALCULATIONS = {
  previewOrder: async (reads: Pool, merchant: MerchantId, request: OrderRequest): Promise<Uint8Array> =>
    written(await previewOrder(reads, merchant, request)),
  previewCommand: async (
    reads: Pool,
    merchant: MerchantId,
    contractId: string,
    request: CommandRequest,
  ): Promise<Uint8Array> => written(await previewCommand(reads, merchant, contractId, request)),
  previewBilling: async (reads: Pool, merchant: MerchantId, scope: JobScope): Promise<Uint8Array> =>
    new TextEncoder().encode(JSON.stringify(billingToWire(await previewBilling(reads, merchant, scope)))),
  /** Returns the basis of the decision about an order (`engine/contracts/order-draft.ts`). */
  tryOrder: (reads: Pool, merchant: MerchantId, request: OrderRequest): Promise<string> =>
    tryOrder(reads, merchant, request),
  forecast: (reads: Pool, merchant: MerchantId, contractId: string): Promise<Forecast> =>
    forecast(reads, merchant, contractId),
};

function written(preview: Preview): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(previewToWire(preview)));
}

type Calculations = typeof CALCULATIONS;
type Given<F> = F extends (reads: Pool, merchant: MerchantId, ...given: infer G) => unknown ? G : never;

/** Does the calculations, in this process or in threads. */
export type Calculator = {
  readonly [K in keyof Calculations]: (
    merchant: MerchantId,
    ...given: Given<Calculations[K]>
  ) => ReturnType<Calculations[K]>;
};

/** A calculation to do. It is plain data, so that it can be sent to a thread. */
export interface Task {
  readonly name: keyof Calculations;
  readonly merchant: MerchantId;
  readonly args: readonly unknown[];
}

/** Does a task in this thread. */
export function calculate(reads: Pool, { name, merchant, args }: Task): Promise<unknown> {
  const calculation = CALCULATIONS[name] as (
    reads: Pool,
    merchant: MerchantId,
    ...given: unknown[]
  ) => unknown;
  return Promise.resolve(calculation(reads, merchant, ...args));
}

/** Creates a calculator from a function that does tasks. */
export function calculatorBy(does: (task: Task) => Promise<unknown>): Calculator {
  const by =
    (name: Task['name']) =>
    (merchant: MerchantId, ...args: unknown[]) =>
      does({ name, merchant, args });
  return {
    previewOrder: by('previewOrder'),
    previewCommand: by('previewCommand'),
    previewBilling: by('previewBilling'),
    tryOrder: by('tryOrder'),
    forecast: by('forecast'),
  } as Calculator;
}
