import type { MerchantId } from '../db/platform/ids.ts';
import type { Claim } from '../db/platform/idempotency.ts';
import type { AdvanceTo } from './clocks/clock.ts';
import type { CommandRequest, OneTimeRequest, OrderRequest } from './requests.ts';

/** Who asks, and the claim on the caller's Idempotency-Key that belongs into the transaction of the effect. */
interface Call {
  /** `api:<key id>`. */
  readonly actor: string;
  /**
   * To be held first, and taken as `await call.claim?.take(tx, { contractId, commandId, … })` in the transaction that
   * stores the command: an API that dies in between then finds the command again, and never makes a second one.
   */
  readonly claim: Claim | null;
}

/** How a command stands after it was asked. */
export type Answer =
  | { readonly state: 'pending' }
  | { readonly state: 'applied' }
  | { readonly state: 'refused'; readonly code: string; readonly detail: string };

/**
 * The joint between the API and what decides about contracts: the API reads requests, checks who asks, and says
 * what came of it; the engine stores, and asks the workflow. All of its functions throw `DomainError`.
 */
export interface Engine {
  /** In one transaction: customer (new or existing), account, contract and the command row of its order. */
  order(
    merchant: MerchantId,
    request: OrderRequest,
    call: Call,
  ): Promise<{ contractId: string; commandId: string; customerId: string }>;
  /** Stores the command's row. Throws what refuses it before there is one: `not_found`, `contract_ended`, … */
  command(
    merchant: MerchantId,
    contractId: string,
    request: CommandRequest,
    call: Call,
  ): Promise<{ commandId: string }>;
  /** Charges once: on a document of its own, or waiting for the next invoice. */
  chargeOnce(merchant: MerchantId, request: OneTimeRequest, call: Call): Promise<{ oneTimeId: string }>;
  /** Drives a stored command: asks the workflow for at most five seconds, then reads the row once more. */
  ask(merchant: MerchantId, contractId: string, commandId: string): Promise<Answer>;
  /** Lets a test clock advance to an instant, or by a duration; returns as soon as that has begun. */
  advanceClock(merchant: MerchantId, clockId: string, to: AdvanceTo, claim?: Claim | null): Promise<void>;
  /** Deletes a test clock and everything on it, workflows included. */
  deleteClock(merchant: MerchantId, clockId: string, claim?: Claim | null): Promise<void>;
}
