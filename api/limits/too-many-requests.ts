import { DomainError } from '../../domain/errors.ts';

/**
 * The limits of requests: the rates of a key and of a merchant, the unknown keys of an address, test merchants while the process
 * is short of connections, and simultaneous previews.
 */
export type Limit = 'key' | 'merchant' | 'address' | 'test_merchants' | 'previews';

/** The refusal of a request by a limit. It names the limit, and says when to repeat the request. */
export class TooManyRequests extends DomainError {
  readonly limit: Limit;
  /** Whole seconds, at least one. */
  readonly retryAfter: number;

  constructor(limit: Limit, message: string, retryAfterMs = 0) {
    super('too_many_requests', message, { details: { limit } });
    this.limit = limit;
    this.retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}
