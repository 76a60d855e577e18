import { AsyncLocalStorage } from 'node:async_hooks';

/** The signal that ends a piece of work, and the merchant on whose behalf it uses connections. */
interface Call {
  readonly signal?: AbortSignal;
  readonly merchant?: string;
}

const calls = new AsyncLocalStorage<Call>();

/** The call in which the caller runs; empty outside of any. */
export function currentCall(): Call {
  return calls.getStore() ?? {};
}

/**
 * Runs work that is given up when the signal aborts: it begins no further transaction, and an open transaction loses its
 * connection, so that Postgres rolls it back.
 */
export function givenUpBy<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return calls.run({ ...calls.getStore(), signal }, work);
}

/** Runs work on behalf of a merchant, who gets a fair share of each pool's connections (`db/platform/shares.ts`). */
export function onBehalfOf<T>(merchant: string, work: () => Promise<T>): Promise<T> {
  return calls.run({ ...calls.getStore(), merchant }, work);
}

/** The merchant on whose behalf the caller runs, if it is known. */
export function currentMerchant(): string | undefined {
  return currentCall().merchant;
}
