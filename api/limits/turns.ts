import { currentCall } from '../../db/platform/call.ts';
import { type WaitingQueue, waitInQueue } from '../../db/platform/waiting-queue.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** How many pieces of work a merchant may have under way at once, and how many may wait. */
interface TurnLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

/** Limits simultaneous work per merchant. A merchant with many requests waits for its own, and delays no other. */
export interface Turns {
  /**
   * Does the work when its turn comes, in order of arrival. Work whose request is aborted (`givenUpBy`) leaves the line.
   * @throws TooManyRequests if too much work waits already
   */
  take<T>(merchant: string, work: () => Promise<T>): Promise<T>;
  /**
   * Refuses if `take` would refuse.
   * @throws TooManyRequests
   */
  refuse(merchant: string): void;
}

interface MerchantQueue {
  working: number;
  readonly waiting: WaitingQueue;
}

/** Creates turns for this process. Other processes have their own. */
export function createTurns({ atOnce, waiting }: TurnLimits): Turns {
  const merchants = new Map<string, MerchantQueue>();
  const refuse = (merchant: string): void => {
    const { working, waiting: line } = merchants.get(merchant) ?? { working: 0, waiting: [] };
    if (working < atOnce || line.length < waiting) return;
    throw new TooManyRequests(
      'previews',
      `${atOnce} previews of the merchant are under way and ${waiting} wait; repeat the request when some are answered`,
    );
  };
  return {
    refuse,
    async take(merchant, work) {
      refuse(merchant);
      const own = merchants.get(merchant) ?? { working: 0, waiting: [] };
      merchants.set(merchant, own);
      if (own.working < atOnce) own.working++;
      else await waitInQueue(own.waiting, { signal: currentCall().signal });
      try {
        return await work();
      } finally {
        // The turn passes to the next in line, or is given back.
        const next = own.waiting.shift();
        if (next !== undefined) next();
        else if (--own.working === 0) merchants.delete(merchant);
      }
    },
  };
}
