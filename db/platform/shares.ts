import { type WaitingQueue, waitInQueue } from './waiting-queue.ts';
import { Busy } from './transient.ts';

/** A merchant may take another connection while it has fewer than this many times the free ones. */
const TIMES_FREE = 4;

/**
 * Divides the connections of a pool, or threads, among merchants. A single busy merchant gets nearly all of them: 16 of 20. The
 * others stay free for the next merchant, because a connection that waits for a lock cannot be taken back. If several merchants
 * wait, the one with the fewest connections is next. Work without a merchant has no limit.
 */
export class ConnectionShares {
  readonly #patienceMs: number;
  #free: number;
  readonly #taken = new Map<string | undefined, number>();
  readonly #queues = new Map<string | undefined, WaitingQueue>();

  /** `patienceMs`: how long a caller waits in line; 0 means without limit. */
  constructor(size: number, patienceMs: number) {
    this.#free = size;
    this.#patienceMs = patienceMs;
  }

  /** How many callers wait because all connections are taken. While one is free, callers wait only for their merchant's own. */
  get waiting(): number {
    if (this.#free > 0) return 0;
    return [...this.#queues.values()].reduce((sum, line) => sum + line.length, 0);
  }

  /**
   * Takes a connection, and returns the function that gives it back.
   * @throws Busy when the caller waited too long for the merchant's other connections; an Error with the driver's message when it
   * waited too long because all were taken; OutOfTime when the signal aborted while it was in line
   */
  async take(whose: string | undefined, signal?: AbortSignal): Promise<() => void> {
    if (this.#mayTake(whose)) this.#count(whose, 1);
    else await this.#inLine(whose, signal);
    return () => {
      this.#count(whose, -1);
      this.#serve();
    };
  }

  /** The last free connection is for a merchant that has none. */
  #mayTake(whose: string | undefined): boolean {
    const taken = this.#taken.get(whose) ?? 0;
    if (whose === undefined || taken === 0) return this.#free > 0;
    return this.#free > 1 && taken < TIMES_FREE * this.#free;
  }

  #count(whose: string | undefined, change: 1 | -1): void {
    const taken = (this.#taken.get(whose) ?? 0) + change;
    if (taken === 0) this.#taken.delete(whose);
    else this.#taken.set(whose, taken);
    this.#free -= change;
  }

  #inLine(whose: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const queue = this.#queues.get(whose) ?? [];
    if (signal?.aborted !== true) this.#queues.set(whose, queue);
    return waitInQueue(queue, {
      signal,
      patience: this.#patienceMs === 0 ? undefined : { ms: this.#patienceMs, refusal: () => this.#tooLong() },
      onLeave: () => queue.length === 0 && this.#queues.delete(whose),
    });
  }

  #tooLong(): Error {
    if (this.#free > 0) return new Busy('as many connections as one merchant may have are taken');
    return new Error('timeout exceeded when trying to connect');
  }

  /** Lets callers in line go on while they may take a connection. The line that was served moves behind the others. */
  #serve(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { whose, line: queue } = next;
      const called = queue.shift();
      this.#queues.delete(whose);
      if (queue.length > 0) this.#queues.set(whose, queue);
      this.#count(whose, 1);
      called?.();
    }
  }

  #next(): { readonly whose: string | undefined; readonly line: WaitingQueue } | null {
    if (this.#free === 0) return null;
    let next: { whose: string | undefined; line: WaitingQueue; taken: number } | null = null;
    for (const [whose, line] of this.#queues) {
      const taken = this.#taken.get(whose) ?? 0;
      if (this.#mayTake(whose) && (next === null || taken < next.taken)) next = { whose, line, taken };
    }
    return next;
  }
}
