import type { MerchantId } from '../db/platform/ids.ts';
import type { Claim } from '../db/platform/idempotency.ts';
import type { AdvanceTo } from './clocks/clock.ts';
import type { CommandRequest, OneTimeRequest, OrderRequest } from './requests.ts';

/** The actor of a call, and the claim on its Idempotency-Key, which is taken in the transaction of the effect. */
interface Call {
  /** `api:<key id>`. */
  readonly actor: string;
  /**
   * Lock it before anything else in the transaction that stores the command, and store it there with
   * `await call.claim?.store(tx, { contractId, commandId, … })`. A request that is repeated after this process died then finds
   * its command, and makes no second one.
   */
  readonly claim: Claim | null;
}

/** The state of a command after its workflow was asked. */
export type Answer =
  | { readonly state: 'pending' }
  | { readonly state: 'applied' }
  | { readonly state: 'refused'; readonly code: string; readonly detail: string };

/**
 * The use cases that the API calls. The API reads requests, authenticates them and writes answers. The engine stores the
 * requests and asks the workflows. All of its functions throw `DomainError`.
 */
export interface Engine {
  /** Stores the customer (new or existing), the account, the contract and the order's command in one transaction. */
  order(
    merchant: MerchantId,
    request: OrderRequest,
    call: Call,
  ): Promise<{ contractId: string; commandId: string; customerId: string }>;
  /**
   * Stores a command.
   * @throws DomainError such as not_found or contract_ended, if it is refused before it is stored
   */
  command(
    merchant: MerchantId,
    contractId: string,
    request: CommandRequest,
    call: Call,
  ): Promise<{ commandId: string }>;
  /** Makes a one-time charge on a document of its own, or on the next invoice. */
  createOneTimeCharge(
    merchant: MerchantId,
    request: OneTimeRequest,
    call: Call,
  ): Promise<{ oneTimeId: string }>;
  /** Asks the workflow to decide a stored command, for at most five seconds, then reads the command's row. */
  ask(merchant: MerchantId, contractId: string, commandId: string): Promise<Answer>;
  /** Starts the advance of a test clock to an instant, or by a duration. Returns as soon as the advance is stored. */
  advanceClock(merchant: MerchantId, clockId: string, to: AdvanceTo, claim?: Claim | null): Promise<void>;
  /** Deletes a test clock and everything on it, workflows included. */
  deleteClock(merchant: MerchantId, clockId: string, claim?: Claim | null): Promise<void>;
}
