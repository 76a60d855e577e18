import { DomainError } from '../../domain/errors.ts';

/**
 * The limits of requests: of a key and of a merchant by time, of an address whose keys are unknown, of test merchants while the
 * process is short of connections, of previews at once.
 */
export type Limit = 'key' | 'merchant' | 'address' | 'test_merchants' | 'previews';

/** More requests than a limit lets in. The caller learns which limit, and when to ask again. */
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
