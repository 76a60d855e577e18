/** The port of payment providers: the operations of each one, and their outcomes. */

/** A charge as it is sent to a provider. The amount is in minor units. */
export interface ChargeRequest {
  /** The attempt's id. It is the provider's idempotency key, and the same for every retry. */
  readonly attemptId: string;
  readonly merchantId: string;
  /** The customer's test clock, or null for wall time. */
  readonly clockId: string | null;
  /** Now, by the customer's clock. */
  readonly at: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The provider's name for the payment method. */
  readonly token: string;
}

/** The outcome of an attempt. An operation throws only if it failed before it was sent; every other result is an outcome. */
export type Outcome =
  | { readonly state: 'succeeded' }
  | { readonly state: 'pending' }
  | { readonly state: 'requires_action'; readonly actionUrl: string }
  | { readonly state: 'declined'; readonly reason: DeclineReason }
  | { readonly state: 'unknown' };

export const DECLINE_REASONS = [
  'insufficient_funds',
  'card_expired',
  'do_not_honor',
  'fraud_suspected',
  'account_closed',
  'authentication_failed',
  'other',
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

/** An event from a provider's webhook, after its signature was checked. */
export interface ProviderEvent {
  readonly eventId: string;
  readonly merchantId: string;
  readonly providerObject: string;
  readonly type: 'succeeded' | 'declined' | 'pending' | 'chargeback';
  readonly reason?: DeclineReason;
  /** When it happened at the provider, on the customer's clock. */
  readonly at: string;
}

interface Capabilities {
  /** Whether it answers at once, collects in batches, or waits for the customer to pay. */
  readonly mode: 'immediate' | 'batch' | 'passive';
  readonly refunds: boolean;
  readonly chargebacks: boolean;
}

export interface PaymentProvider {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Null if the provider could charge this token, else the reason why it could not. */
  checkToken(token: string): string | null;
  /** Makes the provider's object under the attempt's id as key. No money moves. Returns the object's id, always the same one. */
  prepare(request: ChargeRequest): Promise<{ providerObject: string }>;
  /** Moves the money of a prepared object, once even if it is called twice. A time-out is the outcome `unknown`. */
  execute(request: ChargeRequest, providerObject: string): Promise<Outcome>;
  /** The outcome of an object; null if it was prepared and never executed. */
  lookup(providerObject: string): Promise<Outcome | null>;
  /** Refunds an amount in minor units, once for each `key`. */
  refund(
    providerObject: string,
    amountMinor: bigint,
    key: string,
  ): Promise<{ state: 'succeeded' | 'pending' | 'declined' }>;
  /**
   * Checks the signature over the raw body, and parses the body.
   * @throws DomainError invalid_signature, invalid_webhook
   */
  parseWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent;
}

/** The providers of this installation, by name. */
export type Providers = Readonly<Record<string, PaymentProvider>>;

/** The provider of that name. Names that every object has, such as `constructor`, name no provider. */
export function providerOf(providers: Providers, name: string): PaymentProvider | undefined {
  return Object.hasOwn(providers, name) ? providers[name] : undefined;
}
