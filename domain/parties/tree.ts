import { DomainError } from '../errors.ts';

/** How many levels a tree of customers may have, the root included. */
const MOST_LEVELS = 10;

/**
 * Refuses a customer below a parent on the last level. `above` has the parent and everything above it.
 * @throws DomainError tree_too_deep
 */
export function refuseTooDeep(above: readonly string[], field: string): void {
  if (above.length < MOST_LEVELS) return;
  throw new DomainError('tree_too_deep', `a tree of customers has at most ${MOST_LEVELS} levels`, { field });
}

/**
 * Refuses an issuer that belongs to a customer, unless the customer is above the billed one. `above` has everything above it.
 * @throws DomainError foreign_issuer
 */
export function refuseForeignIssuer(owner: string | null, above: readonly string[], field: string): void {
  if (owner === null || above.includes(owner)) return;
  throw new DomainError(
    'foreign_issuer',
    'the issuer belongs to a customer, and bills only customers below it',
    {
      field,
    },
  );
}
