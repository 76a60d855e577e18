import { Busy, faultOf } from '../../db/platform/transient.ts';

/** A bill holds an account's lock for less than this. A longer wait has another cause. */
const BILLS_WITHIN_MS = 200;
/** How long after a failed wait an account is tried again, by one transaction at a time. */
const AGAIN_MS = 1_000;

interface Waits {
  /** The start times of the transactions that wait now. */
  readonly since: Set<{ readonly at: number }>;
  /** When the last wait failed; null once the lock was taken again. */
  failedAt: number | null;
}

/**
 * Remembers accounts whose locks cannot be taken. A transaction that would wait behind others for such a lock fails at once, and
 * its contract is retried later. Otherwise the contracts of one locked account would take all connections, and the contracts of
 * other merchants would wait, too.
 */
export class BusyAccounts {
  readonly #waits = new Map<string, Waits>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Fails if others wait for the lock of an account, and cannot take it.
   * @throws Busy
   */
  giveWay(accountId: string): void {
    const waits = this.#waits.get(accountId);
    if (waits !== undefined && this.#isBusy(waits)) throw new Busy(`the account ${accountId} is locked`);
  }

  /** Locks an account, after `giveWay`, and records the wait for the `giveWay` of others. */
  async waiting<T>(accountId: string, lock: () => Promise<T>): Promise<T> {
    const waits = this.#waits.get(accountId) ?? { since: new Set(), failedAt: null };
    const wait = { at: this.#now() };
    this.#waits.set(accountId, waits);
    waits.since.add(wait);
    try {
      const locked = await lock();
      waits.failedAt = null;
      return locked;
    } catch (error) {
      if (faultOf(error) === 'busy') waits.failedAt = this.#now();
      throw error;
    } finally {
      waits.since.delete(wait);
      if (waits.since.size === 0 && waits.failedAt === null) this.#waits.delete(accountId);
    }
  }

  #isBusy({ since, failedAt }: Waits): boolean {
    const now = this.#now();
    if (failedAt !== null) return since.size > 0 || now - failedAt < AGAIN_MS;
    return [...since].some(({ at }) => now - at > BILLS_WITHIN_MS);
  }
}
