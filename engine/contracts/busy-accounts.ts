import { Busy, faultOf } from '../../db/platform/transient.ts';

/** Whoever waits for an account for longer waits for something that is not a bill. */
const BILLS_WITHIN_MS = 200;
/** An account that was locked is tried again after this, by one alone. */
const AGAIN_MS = 1_000;

interface Waits {
  /** When those began that wait now. */
  readonly since: Set<{ readonly at: number }>;
  /** When a lock was not to be had in time, since when nobody has had it. */
  failedAt: number | null;
}

/**
 * Accounts whose locks are not to be had. Whoever would wait behind others who wait in vain gives way at once, and is tried
 * again later: else the contracts of one account that somebody locked would take all connections, and those of other
 * merchants would wait for nothing of theirs.
 */
export class BusyAccounts {
  readonly #waits = new Map<string, Waits>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Gives way where others wait for an account in vain.
   * @throws Busy
   */
  giveWay(accountId: string): void {
    const waits = this.#waits.get(accountId);
    if (waits !== undefined && this.#isBusy(waits)) throw new Busy(`the account ${accountId} is locked`);
  }

  /** Locks an account, after `giveWay`; whoever comes meanwhile learns how long that takes. */
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
