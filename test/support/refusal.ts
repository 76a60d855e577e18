import { DomainError } from '../../domain/errors.ts';

/** The domain error that the function throws; anything else fails the test. */
export function refusal(act: () => unknown): DomainError {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}
