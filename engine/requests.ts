import type { Booking, Effective, PauseReason } from '../domain/contracts/state.ts';
import type { NewCustomer } from '../db/parties/customers.ts';

/**
 * The requests that the engine takes. The API reads them from JSON; other callers write them as literals. Fields
 * have the names of the API, because a refusal names the field of the request. A `reference` is an id or the
 * caller's external id.
 */

/** What changes of a contract's components. A subscription is named by its id, or by its component where that is booked once. */
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
}

interface PauseRequest {
  readonly kind: 'pause' | 'resume';
  /** Collection alone pauses for `dunning`. */
  readonly reason: Exclude<PauseReason, 'dunning'>;
  readonly effective: Effective;
}

interface CancelRequest {
  readonly kind: 'cancel';
  readonly effective: Effective;
  /** Whether the unused rest is credited; left out: as the variant says. */
  readonly credit?: boolean;
  /** Lets the contract end before its term and notice allow it. */
  readonly waive_term?: boolean;
}

interface WithdrawRequest {
  readonly kind: 'withdraw';
  /** The command whose scheduled change is taken back. */
  readonly command: string;
}

/** A command to a contract (rule 20). Quantities are absolute. */
export type CommandRequest = ChangeRequest | PauseRequest | CancelRequest | WithdrawRequest;

/** Customer and contract in one step. */
export interface OrderRequest {
  /** Of the contract. */
  readonly external_id?: string;
  /** A reference to a customer, or the customer to make. */
  readonly customer: string | NewCustomer;
  readonly variant: string;
  readonly components: readonly Booking[];
  /** First local day; left out: today on the customer's clock. */
  readonly start?: string;
  /** Day that periods are counted from; left out: the start, or the end of the trial. */
  readonly anchor?: string;
  /** The id of an account of the customer; left out: the default one. */
  readonly account?: string;
  /** Left out: the issuer of the plan group. */
  readonly issuer?: string;
  /** The id of a method, or the method to make. */
  readonly payment_method?: string | { readonly provider: string; readonly token: string };
  /** Of the account, where this order makes it. */
  readonly payment_term_days?: number;
}

/** A one-time charge; a price below zero is a credit. It names either a contract, or a customer with its account. */
export interface OneTimeRequest {
  readonly customer?: string;
  readonly contract?: string;
  readonly account?: string;
  readonly issuer?: string;
  readonly application?: string;
  readonly text: string;
  /** Left out: today on the customer's clock. */
  readonly service_date?: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  readonly tax_policy: string;
  /** The caller's own, for people. */
  readonly reference?: string;
  /** `now`: on a document of its own. */
  readonly bill: 'now' | 'next_invoice';
}
