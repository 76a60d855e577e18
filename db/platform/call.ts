import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf connections are used, and until when. */
interface Call {
  readonly signal?: AbortSignal;
  readonly whose?: string;
}

const calls = new AsyncLocalStorage<Call>();

/** The call that is under way here. */
export function currentCall(): Call {
  return calls.getStore() ?? {};
}

/**
 * Runs work that is given up when the signal says so: it begins no further transaction, and one that is open loses its
 * connection, so that Postgres rolls it back.
 */
export function givenUpBy<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return calls.run({ ...calls.getStore(), signal }, work);
}

/** Runs work for a merchant, who gets a fair share of each pool's connections (`db/platform/shares.ts`). */
export function onBehalfOf<T>(whose: string, work: () => Promise<T>): Promise<T> {
  return calls.run({ ...calls.getStore(), whose }, work);
}

/** The merchant on whose behalf work is done here, where it is known. */
export function currentMerchant(): string | undefined {
  return currentCall().whose;
}
