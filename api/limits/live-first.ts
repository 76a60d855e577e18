import { type WaitingQueue, waitInQueue } from '../../db/platform/waiting-queue.ts';
import type { ShownMode } from '../auth.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** How many requests of test merchants may wait, and for how long. */
const LINE: LineLimits = { waiting: 100, patienceMs: 2_000 };

interface LineLimits {
  readonly waiting: number;
  readonly patienceMs: number;
}

/**
 * Serves live merchants before test merchants. While the process is short of connections, requests of test merchants wait
 * until others are answered; those of live merchants never wait here.
 */
export class LiveFirst {
  readonly #isShort: () => boolean;
  readonly #waiting: number;
  readonly #patienceMs: number;
  readonly #line: WaitingQueue = [];
  #underWay = 0;

  constructor(isShort: () => boolean, { waiting, patienceMs }: LineLimits = LINE) {
    this.#isShort = isShort;
    this.#waiting = waiting;
    this.#patienceMs = patienceMs;
  }

  /**
   * Lets a request in. The caller calls the returned function when the request has ended.
   * @throws TooManyRequests if the request of a test merchant waited too long, or if too many wait
   */
  async enter(mode: ShownMode): Promise<() => void> {
    if (mode === 'live' || (this.#line.length === 0 && !this.#mustWait())) this.#underWay++;
    else await this.#wait();
    return () => {
      this.#underWay--;
      this.#callNext();
    };
  }

  /** A request waits only if another one is under way, because that one calls the next when it ends. */
  #mustWait(): boolean {
    return this.#underWay > 0 && this.#isShort();
  }

  #wait(): Promise<void> {
    if (this.#line.length >= this.#waiting) return Promise.reject(refusal());
    return waitInQueue(this.#line, { patience: { ms: this.#patienceMs, refusal } });
  }

  /** Lets in one waiting request. The next one is considered after this one has taken its connection, or waits for it. */
  #callNext(): void {
    if (this.#line.length === 0 || this.#mustWait()) return;
    this.#underWay++;
    this.#line.shift()?.();
    setImmediate(() => this.#callNext());
  }
}

function refusal(): TooManyRequests {
  return new TooManyRequests(
    'test_merchants',
    'the server is busy, and requests of live merchants come first; repeat the request later',
  );
}
