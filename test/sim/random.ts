/** A seeded random generator. The same seed gives the same life. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    for (let warm = 0; warm < 4; warm++) this.next();
  }

  /** A number from 0, inclusive, to 1, exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True once in `n` times on average. */
  once(n: number): boolean {
    return this.next() * n < 1;
  }

  pick<T>(of: readonly T[]): T {
    const picked = of[this.int(0, of.length - 1)];
    if (picked === undefined && of.length === 0) throw new RangeError('nothing to pick from');
    return picked as T;
  }
}
