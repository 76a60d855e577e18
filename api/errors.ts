import { STATUS_CODES } from 'node:http';
import { DomainError, errorCodes } from '../domain/errors.ts';

/**
 * The codes of refusals with their HTTP status and meaning. This is the only place that maps them. Codes are stable. `detail` is
 * for people and may change.
 */
const OWN_CODES = {
  // The request itself
  invalid_request: [400, 'A field is missing, unknown or malformed. `errors` names each one.'],
  malformed_json: [400, 'The body is not JSON in UTF-8.'],
  unauthenticated: [401, 'The API key is missing, unknown, revoked or expired.'],
  forbidden: [403, 'The API key does not have the scope of the route.'],
  not_found: [
    404,
    'The merchant has no object with this id. If a field of the request names the object, the status is 422.',
  ],
  method_not_allowed: [405, 'The path does not support this method.'],
  request_in_progress: [409, 'A request with this Idempotency-Key is under way.'],
  idempotency_key_reused: [422, 'The Idempotency-Key was used for another request.'],
  version_changed: [412, 'The object is no longer the version that `If-Match` names. Read it again.'],
  payload_too_large: [
    413,
    'The body is larger than 100 kB, than 300 kB for an issuer with a logo and for mail templates, or than 1 MB for reports of usage.',
  ],
  unsupported_media_type: [415, 'The body must be application/json, without a content encoding.'],
  too_many_requests: [
    429,
    'A rate limit is reached. `limit` names it, and `Retry-After` says when to repeat the request.',
  ],
  internal: [500, 'The server failed. Its log has the details under the id of the request.'],
  not_computed: [
    500,
    'The computation was aborted, for example because it needed too much memory. ' +
      'The log has the details under the id of the request.',
  ],
  busy: [
    503,
    'Another request, or a bill, has locked data that this request needs. It is safe to repeat the request later.',
  ],
  unavailable: [503, 'The database or Temporal cannot be reached. It is safe to repeat the request later.'],
  request_timeout: [
    504,
    'The request took too long and was aborted. It is safe to repeat it with its Idempotency-Key.',
  ],
  // Catalogue
  external_id_taken: [409, 'Another object of the same kind has this external id.'],
  component_of_other_plan_group: [422, 'The component belongs to another plan group.'],
  invalid_component: [422, 'The terms of the component do not fit its kind.'],
  invalid_term: [422, 'Term, renewal interval, notice and fee interval contradict each other.'],
  interval_mismatch: [
    422,
    'The intervals do not fit. The billing interval must divide the fee interval. The interval of a component must divide ' +
      'the billing interval or be a multiple of it, unless the component is standalone. If the component is ' +
      '`billed_until`, its interval must divide the fee interval. A new version of a component that variants list must ' +
      'keep `interval`, `payment_mode`, `standalone` and `aggregation`.',
  ],
  series_not_distinct: [422, 'Two number series of an issuer would give the same numbers.'],
  tax_rate_exists: [409, 'The tax policy already has a rate for this country from this day.'],
  tax_rate_in_force: [
    409,
    'The rate is in force, by wall time or on a test clock. Add a later rate instead.',
  ],
  tax_rate_used: [409, 'A line is already billed in advance at this rate.'],
  // Customers and accounts
  test_merchant_only: [422, 'Only test merchants have test clocks.'],
  clock_at_root_only: [422, 'Only the root of a tree of customers can have a test clock.'],
  provider_not_available: [
    422,
    'The merchant cannot use this provider. Test merchants can only use the sandbox.',
  ],
  invalid_token: [422, 'The provider cannot charge this token.'],
  search_too_wide: [422, 'More than 100 customers fit the search. Add another word, or name the customer.'],
  erased: [409, 'The personal data of the customer was erased.'],
  pdf_failed: [
    500,
    'The PDF could not be made several times. Operators of Tenor see the reason and have an alert. It is tried again later.',
  ],
  pdf_erased: [410, 'The personal data of the recipient was erased, and all PDFs with it.'],
  // Mails
  mail_sender_missing: [422, 'Mails of an issuer can only be switched on with `mail_from`, their sender.'],
  mail_not_sent: [409, 'Only a mail that was sent can come back.'],
  mail_waits: [409, 'The mail is still queued, and is sent without a further request.'],
  too_many_resends: [409, 'The mail was sent again too often within 24 hours.'],
  // Contracts and commands
  invalid_command: [
    422,
    'The command contradicts itself, for example because it names a component subscription twice.',
  ],
  not_previewed: [
    409,
    'Steps that are due before the command cannot be computed. See the incident of the contract.',
  ],
  unreadable_command: [422, 'An operator sent the contract a signal that is not a readable command.'],
  nothing_to_change: [409, 'The command changes nothing.'],
  contract_ended: [409, 'The contract has ended.'],
  contract_not_started: [409, 'The contract has not started. Until then it can only be cancelled.'],
  before_contract_start: [422, 'The date is before the start of the contract.'],
  date_in_the_past: [422, 'The date is in the past. It must be today or later.'],
  scheduled_change_exists: [
    409,
    'A scheduled change exists that the command conflicts with. Withdraw that change first.',
  ],
  after_cancellation: [409, 'The command would take effect after the scheduled end of the contract.'],
  nothing_scheduled: [
    409,
    'The command scheduled no change, or its change was already performed or withdrawn.',
  ],
  variant_not_in_plan_group: [422, "The variant does not belong to the contract's plan group."],
  variant_not_published: [422, 'The variant has no published version.'],
  component_unknown: [422, "There is no such component in the contract's plan group."],
  component_not_allowed: [409, 'The variant does not allow the component.'],
  subscription_ambiguous: [
    409,
    'The contract has booked the component more than once. `subscriptions` has the ids.',
  ],
  subscription_unknown: [422, 'The contract has no such component subscription.'],
  too_many_components: [409, 'The contract would have more than 1,000 items at a time.'],
  too_many_lines: [
    422,
    'A bill could have more than 5,000 lines. Their number depends on the booked components, intervals and tiers.',
  ],
  quantity_out_of_bounds: [409, 'The variant does not allow this quantity of the component.'],
  interval_not_prorated: [
    409,
    'The variant does not prorate, so the interval can only change at the end of the period.',
  ],
  before_earliest_end: [
    409,
    'Term and notice do not allow such an early end. `earliest_end` is the first allowed day.',
  ],
  already_booked: [409, 'The component can be booked only once, and it is booked already.'],
  already_paused: [409, 'The contract is already paused for this reason.'],
  not_paused: [409, 'The contract is not paused for this reason.'],
  // One-time charges
  price_mode_mismatch: [
    422,
    'A document has either net or gross prices. The charge or contract must have the price mode of the next invoice, and of a ' +
      'collective account.',
  ],
  foreign_issuer: [
    422,
    'The issuer belongs to a customer, and bills only the customers below that one in its tree.',
  ],
  tree_too_deep: [422, 'A tree of customers has at most ten levels.'],
  account_not_collective: [409, 'Only a collective account has runs and a price mode.'],
  not_collected_by_balance: [
    409,
    'Each invoice of the account is collected by itself, so there is no balance to collect.',
  ],
  collection_under_way: [
    409,
    'Money of the account is being collected or was announced, so the way of collecting cannot change yet.',
  ],
  account_deactivated: [409, 'The billing account is deactivated. Activate it first.'],
  paused_by_account: [
    409,
    'The account has paused the contract, for dunning or because it is deactivated. It must resume the contract first.',
  ],
  too_many_accounts: [422, 'A preview of runs is for at most 1,000 accounts. Preview a part of them.'],
  charges_waiting: [409, 'Charges or a run wait on the account. Run it first.'],
  no_next_invoice: [409, 'The account has no contract whose next invoice could include the charge.'],
  too_many_waiting: [409, 'No more than 1,000 one-time charges can wait on an account.'],
  already_billed: [
    409,
    'The one-time charge is billed already. It can be credited with a charge below zero.',
  ],
  // API keys
  too_many_api_keys: [409, 'The merchant has 1,000 valid API keys. Revoke one first.'],
  // Webhook endpoints
  too_many_webhook_endpoints: [409, 'The merchant has 50 webhook endpoints. Delete one first.'],
  // Payments and clocks
  span_empty: [422, 'The last day of the span is before its first day.'],
  too_many_entries: [422, 'A statement has at most 5,000 entries. Choose fewer days.'],
  currency_mismatch: [422, errorCodes.currency_mismatch],
  date_in_the_future: [
    422,
    "A receipt cannot be dated after the customer's now, and a statement cannot end after the customer's today.",
  ],
  incident_closed: [409, 'The incident is closed: its step has been done.'],
  clock_advancing: [409, 'The test clock is advancing. Repeat the request when it is ready.'],
  clock_backwards: [422, 'A test clock only moves forward.'],
  clock_too_far: [422, 'A test clock advances by at most two years at once.'],
  invalid_signature: [401, errorCodes.invalid_signature],
  invalid_webhook: [400, 'The body of a webhook cannot be read.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>;

/** All codes with status and meaning. The domain's own codes are about values, so their status is 422. */
export const ERROR_CODES: Readonly<Record<string, readonly [status: number, meaning: string]>> = {
  ...Object.fromEntries(Object.entries(errorCodes).map(([code, meaning]) => [code, [422, meaning] as const])),
  ...OWN_CODES,
};
export type ApiErrorCode = keyof typeof OWN_CODES | keyof typeof errorCodes;

/** An error in one field of a request. `field` is a path such as `components[0].quantity`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code?: string;
}

/** A problem of RFC 9457, with a stable code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  /** Details of the reason, such as ids and limits. */
  readonly [extension: string]: unknown;
}

/** The refusal of a request that cannot be read, with every invalid field. */
export class InvalidRequest extends DomainError {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const [first] = errors;
    super(
      first?.code ?? 'invalid_request',
      first === undefined ? 'invalid' : `${first.field}: ${first.message}`,
    );
    this.errors = errors;
  }
}

/** Creates a problem. Its status is `more.status`, or that of the code. */
export function problem(code: string, detail: string, more: Readonly<Record<string, unknown>> = {}): Problem {
  const status = typeof more.status === 'number' ? more.status : (ERROR_CODES[code]?.[0] ?? 422);
  return { type: `/errors#${code}`, title: STATUS_CODES[status] ?? 'Error', ...more, status, detail, code };
}

/** Converts a refusal to a problem. If a field of the request names something that does not exist, the status is 422. */
export function problemOf(error: DomainError): Problem {
  if (error instanceof InvalidRequest) return problem(error.code, error.message, { errors: error.errors });
  const field = error.field === undefined ? {} : { errors: [{ field: error.field, message: error.message }] };
  const unknownReference = error.code === 'not_found' && error.field !== undefined ? { status: 422 } : {};
  return problem(error.code, error.message, { ...error.details, ...field, ...unknownReference });
}
