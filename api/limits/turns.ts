import { Busy } from '../../db/platform/transient.ts';
import { Turns as MerchantTurns } from '../../db/platform/turns.ts';
import { DomainError } from '../../domain/errors.ts';

/** How many pieces of work a merchant may have under way at once, and how many may wait for these. */
interface TurnLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

/** Gives work its turn, per merchant: one that asks for very much waits for itself, and keeps no other waiting. */
export interface Turns {
  /**
   * Does the work when it is its turn, in the order in which it came.
   * @throws DomainError too_many_requests where too much waits already
   */
  take<T>(merchant: string, work: () => Promise<T>): Promise<T>;
}

/** Turns of this process alone: they limit its own time. */
export function createTurns({ atOnce, waiting }: TurnLimits): Turns {
  const turns = new MerchantTurns(atOnce, null, waiting);
  const refuse = (error: unknown): never => {
    if (!(error instanceof Busy)) throw error;
    throw new DomainError(
      'too_many_requests',
      `${atOnce} of these requests are under way and ${waiting} wait; ask again when some are answered`,
    );
  };
  return {
    async take(merchant, work) {
      const giveBack = turns.takeFree(merchant) ?? (await turns.take(merchant).catch(refuse));
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}
