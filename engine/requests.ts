import type { Booking, Effective, PauseReason } from '../domain/contracts/state.ts';
import type { NewCustomer } from '../db/parties/customers.ts';

/**
 * The requests that the engine accepts. The API reads them from JSON, and other callers write them as literals. Fields have
 * the names of the API, because a refusal names the field of the request. A *reference* is an id or the merchant's external
 * id.
 */

/** Changes of a contract's components. A subscription is named by its id, or by its component if that is booked once. */
export interface ComponentChanges {
  readonly add?: readonly Booking[];
  /** New quantities of booked components, absolute; 0 ends one. */
  readonly set?: readonly { readonly subscription: string; readonly quantity: string }[];
  /** Component subscriptions to end. */
  readonly remove?: readonly string[];
}

interface ChangeRequest {
  readonly kind: 'change';
  /** A reference to the variant to change to. */
  readonly variant?: string;
  readonly components?: ComponentChanges;
  readonly effective: Effective;
  /** Makes a document at once, also on a collective account. */
  readonly bill?: 'now';
}

interface PauseRequest {
  readonly kind: 'pause' | 'resume';
  /** Only collection pauses for `dunning`. */
  readonly reason: Exclude<PauseReason, 'dunning' | 'deactivated'>;
  readonly effective: Effective;
}

interface CancelRequest {
  readonly kind: 'cancel';
  readonly effective: Effective;
  /** Whether the unused rest is credited. By default the variant decides. */
  readonly credit?: boolean;
  /** Lets the contract end before its term and notice allow it. */
  readonly waive_term?: boolean;
  /** Makes a document at once, also on a collective account. */
  readonly bill?: 'now';
}

interface WithdrawRequest {
  readonly kind: 'withdraw';
  /** A reference to the command whose scheduled change is withdrawn. */
  readonly command: string;
}

/** A command to a contract (rule 20). Quantities are absolute. */
export type CommandRequest = ChangeRequest | PauseRequest | CancelRequest | WithdrawRequest;

/** An order: a contract, for a new or an existing customer. */
export interface OrderRequest {
  /** The external id of the contract. */
  readonly external_id?: string;
  /** A reference to a customer, or the customer to create. */
  readonly customer: string | NewCustomer;
  readonly variant: string;
  readonly components: readonly Booking[];
  /** The first local day. By default today on the customer's clock. */
  readonly start?: string;
  /** The day from which periods are counted. By default the start, or the end of the trial. */
  readonly anchor?: string;
  /** The id of an account of the customer. By default the default account. */
  readonly account?: string;
  /** A reference to an issuer. By default the issuer of the plan group. */
  readonly issuer?: string;
  /** The id of a payment method, or the method to create. */
  readonly payment_method?: string | { readonly provider: string; readonly token: string };
  /** The payment term of the account, if this order creates it. */
  readonly payment_term_days?: number;
}

/** A one-time charge. A price below zero makes it a credit. It names either a contract or a customer, whose account is billed. */
export interface OneTimeRequest {
  readonly customer?: string;
  readonly contract?: string;
  readonly account?: string;
  readonly issuer?: string;
  readonly application?: string;
  readonly text: string;
  /** A local date. By default today on the customer's clock. */
  readonly service_date?: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  readonly tax_policy: string;
  /** The merchant's own reference, for people to read. */
  readonly reference?: string;
  /** `now` makes a document of its own. */
  readonly bill: 'now' | 'next_invoice';
}
