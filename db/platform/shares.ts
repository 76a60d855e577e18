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
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  /**
   * Takes a connection, and returns the function that gives it back.
   * @throws Busy when the caller waited too long for the merchant's other connections; an Error with the driver's message when it
   * waited too long because all were taken; OutOfTime when the signal aborted while it was in line
   */
  async take(merchant: string | undefined, signal?: AbortSignal): Promise<() => void> {
    if (this.#mayTake(merchant)) this.#count(merchant, 1);
    else await this.#inLine(merchant, signal);
    return () => {
      this.#count(merchant, -1);
      this.#serve();
    };
  }

  /** The last free connection is for a merchant that has none. */
  #mayTake(merchant: string | undefined): boolean {
    const taken = this.#taken.get(merchant) ?? 0;
    if (merchant === undefined || taken === 0) return this.#free > 0;
    return this.#free > 1 && taken < TIMES_FREE * this.#free;
  }

  #count(merchant: string | undefined, change: 1 | -1): void {
    const taken = (this.#taken.get(merchant) ?? 0) + change;
    if (taken === 0) this.#taken.delete(merchant);
    else this.#taken.set(merchant, taken);
    this.#free -= change;
  }

  #inLine(merchant: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const queue = this.#queues.get(merchant) ?? [];
    if (signal?.aborted !== true) this.#queues.set(merchant, queue);
    return waitInQueue(queue, {
      signal,
      patience: this.#patienceMs === 0 ? undefined : { ms: this.#patienceMs, refusal: () => this.#tooLong() },
      onLeave: () => queue.length === 0 && this.#queues.delete(merchant),
    });
  }

  #tooLong(): Error {
    if (this.#free > 0) return new Busy('as many connections as one merchant may have are taken');
    return new Error('timeout exceeded when trying to connect');
  }

  /** Lets callers in line go on while they may take a connection. The line that was served moves behind the others. */
  #serve(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { merchant, queue } = next;
      const called = queue.shift();
      this.#queues.delete(merchant);
      if (queue.length > 0) this.#queues.set(merchant, queue);
      this.#count(merchant, 1);
      called?.();
    }
  }

  #next(): { readonly merchant: string | undefined; readonly queue: WaitingQueue } | null {
    if (this.#free === 0) return null;
    let next: { merchant: string | undefined; queue: WaitingQueue; taken: number } | null = null;
    for (const [merchant, queue] of this.#queues) {
      const taken = this.#taken.get(merchant) ?? 0;
      if (this.#mayTake(merchant) && (next === null || taken < next.taken)) next = { merchant, queue, taken };
    }
    return next;
  }
}
