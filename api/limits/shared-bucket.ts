import { NEW_SHARE, type Rate, type Share, afterAsking, decide, remaining, wantedBy } from './bucket.ts';

interface BucketOptions {
  readonly take: (wanted: number) => Promise<{ readonly granted: number; readonly left: number }>;
  readonly unanswered: (error: unknown) => void;
  readonly now: () => number;
}

/** This process's view of a token bucket that all processes share. */
export class SharedBucket {
  readonly #rate: Rate;
  readonly #options: BucketOptions;
  #share: Share = NEW_SHARE;
  #asking: Promise<void> | null = null;

  constructor(rate: Rate, options: BucketOptions) {
    this.#rate = rate;
    this.#options = options;
  }

  /**
   * Takes a token. It waits for the database only if this process has none. Returns null, or after how many milliseconds there
   * may be a token.
   */
  async take(): Promise<number | null> {
    let decision = this.#decide();
    while (decision.kind === 'ask') {
      await this.#ask();
      decision = this.#decide();
    }
    if (decision.kind === 'refuse') return decision.retryAfterMs;
    this.#share = decision.share;
    if (decision.topUp) void this.#ask();
    return null;
  }

  /** Gives back a token that was not used. */
  giveBack(): void {
    this.#share = { ...this.#share, tokens: this.#share.tokens + 1 };
  }

  /** After how many milliseconds there may be a token, if this process knows that there is none now. Otherwise null. */
  refusesFor(): number | null {
    const decision = this.#decide();
    return decision.kind === 'refuse' ? decision.retryAfterMs : null;
  }

  remaining(): number {
    return remaining(this.#share, this.#rate, this.#options.now());
  }

  #decide(): ReturnType<typeof decide> {
    return decide(this.#share, this.#rate, this.#options.now());
  }

  /** Asks for the next batch. Simultaneous calls share one answer. */
  #ask(): Promise<void> {
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askOnce(): Promise<void> {
    const { take, unanswered, now } = this.#options;
    const wanted = wantedBy(this.#share, this.#rate);
    const answer = await take(wanted).catch((error: unknown) => {
      unanswered(error);
      return null;
    });
    this.#share = afterAsking(this.#share, this.#rate, wanted, answer, now());
  }
}
