import { currentCall } from '../../db/platform/call.ts';
import { type Line, waitInLine } from '../../db/platform/line.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** How many pieces of work a merchant may have under way at once, and how many may wait for these. */
interface TurnLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

/** Gives work its turn, per merchant: one that asks for very much waits for itself, and keeps no other waiting. */
export interface Turns {
  /**
   * Does the work when it is its turn, in the order in which it came. Work that is given up leaves the line (`givenUpBy`).
   * @throws TooManyRequests where too much waits already
   */
  take<T>(merchant: string, work: () => Promise<T>): Promise<T>;
  /**
   * Refuses where `take` would refuse.
   * @throws TooManyRequests
   */
  refuse(merchant: string): void;
}

interface Standing {
  working: number;
  readonly waiting: Line;
}

/** Turns of this process alone: they limit its own time. */
export function createTurns({ atOnce, waiting }: TurnLimits): Turns {
  const merchants = new Map<string, Standing>();
  const refuse = (merchant: string): void => {
    const { working, waiting: line } = merchants.get(merchant) ?? { working: 0, waiting: [] };
    if (working < atOnce || line.length < waiting) return;
    throw new TooManyRequests(
      'previews',
      `${atOnce} of these requests are under way and ${waiting} wait; ask again when some are answered`,
    );
  };
  return {
    refuse,
    async take(merchant, work) {
      refuse(merchant);
      const own = merchants.get(merchant) ?? { working: 0, waiting: [] };
      merchants.set(merchant, own);
      if (own.working < atOnce) own.working++;
      else await waitInLine(own.waiting, { signal: currentCall().signal });
      try {
        return await work();
      } finally {
        // The turn goes to the next in line, or back.
        const next = own.waiting.shift();
        if (next !== undefined) next();
        else if (--own.working === 0) merchants.delete(merchant);
      }
    },
  };
}
