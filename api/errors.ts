import { STATUS_CODES } from 'node:http';
import { DomainError, errorCodes } from '../domain/errors.ts';

/**
 * All codes of all refusals, with status and meaning: the one place that maps them. Codes are stable; `detail` is
 * for people and may change.
 */
const OWN_CODES = {
  // The request itself
  invalid_request: [400, 'A field is missing, unknown or of the wrong form; `errors` names each.'],
  malformed_json: [400, 'The body is not JSON in UTF-8.'],
  unauthenticated: [401, 'There is no API key, or it is unknown, revoked, or past its end.'],
  forbidden: [403, 'The API key does not have the scope.'],
  not_found: [404, 'There is no such thing in this merchant. Named by a field of the request: 422.'],
  method_not_allowed: [405, 'The path does not know this method.'],
  request_in_progress: [409, 'A request with this Idempotency-Key is under way.'],
  idempotency_key_reused: [422, 'The Idempotency-Key was used for another request.'],
  payload_too_large: [413, 'The body is larger than 100 kB; of usage, than 1 MB.'],
  unsupported_media_type: [415, 'The body must be application/json, without a content encoding.'],
  too_many_requests: [
    429,
    'A limit lets in no more requests now: `limit` names it, and `Retry-After` says when to ask again.',
  ],
  internal: [500, 'Something went wrong here. The id of the request finds it in the log.'],
  not_computed: [
    500,
    'It needed more memory than one request may take, or was ended. The id of the request finds it in the log.',
  ],
  busy: [503, 'Another request, or a bill, holds what this one needs. Asking again later is safe.'],
  unavailable: [503, 'The database or Temporal cannot be reached. Asking again later is safe.'],
  request_timeout: [
    504,
    'The request took too long and was given up. Asking again under its Idempotency-Key is safe.',
  ],
  // Catalogue
  external_id_taken: [409, 'The external id is taken by another thing of its kind.'],
  component_of_other_plan_group: [422, 'The component belongs to another plan group.'],
  invalid_component: [422, 'The terms of the component do not fit its kind.'],
  invalid_term: [422, 'Term, renewal, notice and fee interval contradict each other.'],
  interval_mismatch: [422, 'Intervals do not divide each other: of billing, fee, or a component.'],
  series_not_distinct: [422, 'Two series of an issuer would give the same numbers.'],
  tax_rate_exists: [409, 'The policy has a rate for that country from that day.'],
  tax_rate_in_force: [409, 'The rate is in force on some clock: a later one is added instead.'],
  tax_rate_used: [409, 'A line was billed at the rate ahead of its day.'],
  // Customers and accounts
  test_merchant_only: [422, 'Only test merchants have test clocks.'],
  clock_at_root_only: [422, 'Only the root of a tree of customers can have a test clock.'],
  provider_not_available: [
    422,
    'The provider cannot be used by this merchant; test merchants have the sandbox only.',
  ],
  invalid_token: [422, 'The provider could not charge the token.'],
  erased: [409, 'The personal data was erased.'],
  // Contracts and commands
  invalid_command: [422, 'The command contradicts itself.'],
  not_previewed: [409, 'What is due before it cannot be computed; see the incident of the contract.'],
  unreadable_command: [422, 'The command that was sent by signal could not be read.'],
  nothing_to_change: [409, 'The command changes nothing.'],
  contract_ended: [409, 'The contract has ended.'],
  contract_not_started: [409, 'The contract has not started; until then it can only be cancelled.'],
  before_contract_start: [422, 'The date is before the contract.'],
  date_in_the_past: [422, 'A date is today or later.'],
  anchor_invalid: [422, 'The anchor does not fit the start.'],
  scheduled_change_exists: [409, 'Something is scheduled for it already; withdraw that first.'],
  after_cancellation: [409, 'It would come after the scheduled end of the contract.'],
  nothing_scheduled: [409, 'The command has nothing scheduled (any more).'],
  variant_not_in_plan_group: [422, "The variant is not of the contract's plan group."],
  variant_not_published: [422, 'The variant has no published version.'],
  component_unknown: [422, "There is no such component in the contract's plan group."],
  component_not_allowed: [409, 'The variant does not allow the component.'],
  subscription_ambiguous: [
    409,
    'The contract books the component more than once; `subscriptions` names each.',
  ],
  subscription_unknown: [422, 'The contract has no such component subscription.'],
  too_many_components: [409, 'A contract books at most so many components at a time.'],
  too_many_lines: [
    422,
    'A bill could have more than 5,000 lines: of a contract by what it would have booked, of a variant by its intervals and tiers.',
  ],
  quantity_out_of_bounds: [409, 'The variant allows less, or more, of the component.'],
  interval_not_prorated: [409, 'Without proration the interval changes at the end of the period only.'],
  before_earliest_end: [
    409,
    'Term and notice do not let the contract end so early; `earliest_end` says when.',
  ],
  already_booked: [409, 'The component can be booked once only.'],
  already_paused: [409, 'The contract is paused for this reason already.'],
  not_paused: [409, 'The contract is not paused for this reason.'],
  // One-time charges
  price_mode_mismatch: [
    422,
    'A document is net or gross: with the next invoice comes what is priced as its plan group.',
  ],
  no_next_invoice: [409, 'The account has no contract whose next invoice could take it.'],
  too_many_waiting: [409, 'So many one-time charges wait on the account already.'],
  already_billed: [409, 'The one-time charge is billed: a credit takes it back.'],
  // Payments and clocks
  currency_mismatch: [422, errorCodes.currency_mismatch],
  date_in_the_future: [422, "Money counts when it has arrived: at the customer's now or before."],
  incident_closed: [409, 'The step of the incident was done meanwhile.'],
  clock_advancing: [409, 'The test clock is advancing; ask again when it is ready.'],
  clock_backwards: [422, 'A test clock only moves forward.'],
  clock_too_far: [422, 'A test clock advances by at most two years at once.'],
  invalid_signature: [401, 'The signature of a webhook does not fit its body and time.'],
  invalid_webhook: [400, 'The body of a webhook cannot be read.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>;

/** The domain's own refusals are about values: the request can be read, and not be done. */
export const ERROR_CODES: Readonly<Record<string, readonly [status: number, meaning: string]>> = {
  ...Object.fromEntries(Object.entries(errorCodes).map(([code, meaning]) => [code, [422, meaning] as const])),
  ...OWN_CODES,
};
export type ApiErrorCode = keyof typeof OWN_CODES | keyof typeof errorCodes;

/** One thing that is wrong with a request. `field` is a path such as `components[0].quantity`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code?: string;
}

/** RFC 9457, with a stable code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
  /** What makes the reason concrete: ids, limits. */
  readonly [extension: string]: unknown;
}

/** A request that cannot be read, with every field that is wrong. */
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

export function problem(code: string, detail: string, more: Readonly<Record<string, unknown>> = {}): Problem {
  const status = typeof more.status === 'number' ? more.status : (ERROR_CODES[code]?.[0] ?? 422);
  return { type: `/errors#${code}`, title: STATUS_CODES[status] ?? 'Error', ...more, status, detail, code };
}

/** A refusal as a problem. A field that names something that does not exist is the request's fault: 422. */
export function problemOf(error: DomainError): Problem {
  if (error instanceof InvalidRequest) return problem(error.code, error.message, { errors: error.errors });
  const field = error.field === undefined ? {} : { errors: [{ field: error.field, message: error.message }] };
  const unknownReference = error.code === 'not_found' && error.field !== undefined ? { status: 422 } : {};
  return problem(error.code, error.message, { ...error.details, ...field, ...unknownReference });
}
