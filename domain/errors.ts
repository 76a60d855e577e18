/**
 * The codes of refused values, each with its meaning. A code never changes once it is published. `api/errors.ts` has the
 * codes of all other refusals, and makes the API's error page and its HTTP statuses from both lists.
 */
export const errorCodes = {
  invalid_amount: 'An amount is not a decimal text with at most the digits that its currency has.',
  invalid_quantity: 'A quantity, rate or price is not a plain decimal number of at most 40 digits.',
  invalid_date: 'A date or instant cannot be read, does not exist, or lies outside 1900 to 2200.',
  invalid_interval: 'An interval needs the unit day, week, month or year, and a whole count from 1.',
  invalid_time_zone: 'A time zone is not a name of the IANA time zone database.',
  unknown_currency: 'A currency is not a code of ISO 4217 that has a minor unit.',
  currency_mismatch: 'Amounts have different currencies where only one currency is allowed.',
  tiers_out_of_order: 'The bounds of price tiers do not rise from tier to tier.',
  tiers_not_open: 'The last price tier must have no upper bound, so that every quantity has a price.',
  invalid_price: 'A price, percentage or cap of a price model is missing, misplaced or negative.',
  invalid_tax_rate: 'A tax rate is not a percentage from 0 to 100.',
  tax_rate_missing: 'The tax policy has no rate for the country on the service date.',
  invalid_iban: 'An IBAN has a wrong length, format or check digits.',
  invalid_bic: 'A BIC does not have the form of ISO 9362.',
  invalid_vat_id: 'A VAT identification number has a wrong country, format or check digit.',
  invalid_tax_number: 'A national tax number is not a short text of digits, letters and their separators.',
  invalid_logo: 'A logo is not a whole PNG or JPEG within the limits of size.',
  invalid_title_pattern: 'A title pattern of invoices is invalid.',
  invalid_number_pattern: 'A document number pattern lacks its counter or would repeat numbers.',
  invalid_template:
    'A mail template has a placeholder that its purpose does not have, or braces without a placeholder.',
  invalid_subject: 'The subject of a mail is not one line of text.',
  invalid_signature: 'The signature of a webhook does not match its body and time.',
  invalid_webhook_url: 'The URL of a webhook endpoint is no https URL of a public address.',
  invalid_webhook: 'A webhook is signed but its body cannot be read.',
} as const satisfies Record<string, string>;

/** A code of the list above. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * A refusal with a reason: the request was understood and cannot be done.
 *
 * `field` is the path of the offending input, such as `tiers[1].upTo`. `details` has plain JSON values that make the
 * reason concrete. A mistake of the calling code is a `RangeError` instead.
 */
export class DomainError extends Error {
  readonly code: string;
  readonly field?: string;
  readonly details: Record<string, unknown>;

  constructor(
    code: string,
    message: string,
    options: { field?: string | undefined; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    if (options.field !== undefined) this.field = options.field;
    this.details = options.details ?? {};
  }
}

/**
 * Runs a check of a part of the input, and puts the part's path before the field of a refusal: at `price`, the field
 * `tiers[1].price` becomes `price.tiers[1].price`.
 */
export function atField<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { field: inner } = error;
    const field = inner === undefined || inner === path ? path : `${path}.${inner}`;
    throw new DomainError(error.code, error.message, { field, details: error.details });
  }
}
