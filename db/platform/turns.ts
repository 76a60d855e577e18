import { Busy } from './transient.ts';

/**
 * Lets each of many have at most so many turns at a time; who comes then waits in line, for so long at most. So nobody who
 * waits for a lock of his own takes all connections.
 */
export class Turns {
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #taken = new Map<string, number>();
  readonly #lines = new Map<string, (() => void)[]>();

  constructor(most: number, patienceMs: number) {
    this.#most = most;
    this.#patienceMs = patienceMs;
  }

  /**
   * Takes a turn; the caller gives it back with what this answers.
   * @throws Busy when there was none in time
   */
  async take(whose: string): Promise<() => void> {
    const taken = this.#taken.get(whose) ?? 0;
    if (taken < this.#most) this.#taken.set(whose, taken + 1);
    else await this.#inLine(whose);
    return () => this.#give(whose);
  }

  #inLine(whose: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(whose) ?? [];
      this.#lines.set(whose, line);
      const called = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(called), 1);
        reject(new Busy('as many transactions as may be of one merchant are under way'));
      }, this.#patienceMs);
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
