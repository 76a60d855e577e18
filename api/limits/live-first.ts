import { type Line, waitInLine } from '../../db/platform/line.ts';
import type { ShownMode } from '../auth.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** So many requests of test merchants wait, for so long. */
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
  readonly #line: Line = [];
  #underWay = 0;

  constructor(isShort: () => boolean, { waiting, patienceMs }: LineLimits = LINE) {
    this.#isShort = isShort;
    this.#waiting = waiting;
    this.#patienceMs = patienceMs;
  }

  /**
   * Lets a request in; the caller says with what this answers that it is over.
   * @throws TooManyRequests when a test merchant's request waited for too long, or too many wait
   */
  async enter(mode: ShownMode): Promise<() => void> {
    if (mode === 'live' || (this.#line.length === 0 && !this.#mustWait())) this.#underWay++;
    else await this.#wait();
    return () => {
      this.#underWay--;
      this.#callNext();
    };
  }

  /** Somebody under way will call the next one: with nobody under way there is no reason to wait. */
  #mustWait(): boolean {
    return this.#underWay > 0 && this.#isShort();
  }

  #wait(): Promise<void> {
    if (this.#line.length >= this.#waiting) return Promise.reject(refusal());
    return waitInLine(this.#line, { patience: { ms: this.#patienceMs, refusal } });
  }

  /** One at a time: the next one looks again when this one has its connection, or waits for it. */
  #callNext(): void {
    if (this.#line.length === 0 || this.#mustWait()) return;
    this.#underWay++;
    this.#line.shift()?.();
    setImmediate(() => this.#callNext());
  }
}

function refusal(): TooManyRequests {
  return new TooManyRequests('test_merchants', 'requests of live merchants come first; ask again later');
}
