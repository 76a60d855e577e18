/** The port of payment providers: the operations that each one has, and the outcomes that it answers. */

/** An amount as it travels to a provider: integer minor units. */
export interface ChargeOrder {
  /** The attempt's id: the provider's idempotency key, stable over every retry. */
  readonly attemptId: string;
  readonly merchantId: string;
  /** The test clock under which this happens, or null for wall time. */
  readonly clockId: string | null;
  /** The customer's now. */
  readonly at: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The provider's name for the payment method. */
  readonly token: string;
}

/** How an attempt stands. Only what failed before it was sent throws; everything else is an outcome. */
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
  /** Answers at once, collects in batches, or waits for the customer to pay. */
  readonly mode: 'immediate' | 'batch' | 'passive';
  readonly refunds: boolean;
  readonly chargebacks: boolean;
}

export interface PaymentProvider {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Whether the provider could charge this token: null, or the reason why not. */
  checkToken(token: string): string | null;
  /** Makes the provider's object under the attempt's id as key; no money moves. Answers its id, always the same one. */
  prepare(order: ChargeOrder): Promise<{ providerObject: string }>;
  /** Moves the money of a prepared object. Asked twice, it moves once. A time-out is `unknown`. */
  execute(order: ChargeOrder, providerObject: string): Promise<Outcome>;
  /** What became of an object; `null`: prepared and never executed. */
  lookup(providerObject: string): Promise<Outcome | null>;
  /** Gives money back; `key` makes twice the same as once. */
  refund(
    providerObject: string,
    amountMinor: bigint,
    key: string,
  ): Promise<{ state: 'succeeded' | 'pending' | 'declined' }>;
  /** Checks the signature over the raw body and reads it; throws `invalid_signature`. */
  parseWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent;
}

/** The providers of this installation, by name. */
export type Providers = Readonly<Record<string, PaymentProvider>>;

/** The provider of that name; a name that every object has, such as `constructor`, is none. */
export function providerOf(providers: Providers, name: string): PaymentProvider | undefined {
  return Object.hasOwn(providers, name) ? providers[name] : undefined;
}
