import { Busy } from './transient.ts';

/**
 * Lets each of many have at most so many turns at a time; who comes then waits in line, which may be bounded by time and by
 * length. So nobody who asks for very much, or waits for a lock of his own, takes what all others need.
 */
export class Turns {
  readonly #most: number;
  readonly #patienceMs: number | null;
  readonly #mostInLine: number;
  readonly #taken = new Map<string, number>();
  readonly #lines = new Map<string, (() => void)[]>();

  /** `patienceMs` null: a line that is long enough is waited in without end. */
  constructor(most: number, patienceMs: number | null, mostInLine = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#patienceMs = patienceMs;
    this.#mostInLine = mostInLine;
  }

  /**
   * Takes a turn; the caller gives it back with what this answers.
   * @throws Busy when there was none in time, or the line is full
   */
  async take(whose: string): Promise<() => void> {
    const free = this.takeFree(whose);
    if (free !== null) return free;
    await this.#inLine(whose);
    return () => this.#give(whose);
  }

  /** Takes a turn if one is free at once; null if not. */
  takeFree(whose: string): (() => void) | null {
    const taken = this.#taken.get(whose) ?? 0;
    if (taken >= this.#most) return null;
    this.#taken.set(whose, taken + 1);
    return () => this.#give(whose);
  }

  #inLine(whose: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(whose) ?? [];
      const refuse = (): void =>
        reject(new Busy('as many transactions as may be of one merchant are under way'));
      if (line.length >= this.#mostInLine) {
        refuse();
        return;
      }
      this.#lines.set(whose, line);
      const called = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const giveUp = (): void => {
        line.splice(line.indexOf(called), 1);
        refuse();
      };
      const timer = this.#patienceMs === null ? undefined : setTimeout(giveUp, this.#patienceMs);
      line.push(called);
    });
  }

  /** Hands the turn to the next in line. */
  #give(whose: string): void {
    const line = this.#lines.get(whose) ?? [];
    const next = line.shift();
    if (line.length === 0) this.#lines.delete(whose);
    if (next !== undefined) next();
    else if (this.#taken.get(whose) === 1) this.#taken.delete(whose);
    else this.#taken.set(whose, (this.#taken.get(whose) ?? 1) - 1);
  }
}
