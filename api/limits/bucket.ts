/** How many requests may come: so many each second on average, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  /** At least `perSecond`. */
  readonly burst: number;
}

/**
 * The part of a bucket that this process has. The bucket is in Postgres, and all processes take from it: a batch at a time, so
 * that few requests cost a statement. Instants are milliseconds of the process's own clock.
 */
export interface Share {
  /** Taken from the bucket, and not used yet. */
  readonly tokens: number;
  /** Tokens that the bucket had left when it was last asked. */
  readonly left: number;
  readonly askedAt: number;
  /** The bucket is not asked before: it was empty, or did not answer. */
  readonly askAgainAt: number;
}

/** A process that has not asked knows nothing, and takes the bucket for full. */
export const NEW_SHARE: Share = { tokens: 0, left: 0, askedAt: -Infinity, askAgainAt: -Infinity };

/** What becomes of a request. `ask`: the bucket is to be asked first. */
export type Decision =
  | {
      readonly kind: 'admit';
      readonly share: Share;
      /** More is to be asked for meanwhile. */ readonly topUp: boolean;
    }
  | { readonly kind: 'ask' }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number };

/** How many tokens a process has at most: a tenth of the bucket. */
export function batchOf({ burst }: Rate): number {
  return Math.max(1, Math.floor(burst / 10));
}

/** How many tokens to ask for. */
export function wantedBy(share: Share, rate: Rate): number {
  return batchOf(rate) - share.tokens;
}

/** Decides about a request by what the process has. More is asked for when a quarter of a batch is left. */
export function decide(share: Share, rate: Rate, now: number): Decision {
  const mayAsk = now >= share.askAgainAt;
  if (share.tokens > 0) {
    const tokens = share.tokens - 1;
    return { kind: 'admit', share: { ...share, tokens }, topUp: mayAsk && tokens <= batchOf(rate) / 4 };
  }
  return mayAsk ? { kind: 'ask' } : { kind: 'refuse', retryAfterMs: share.askAgainAt - now };
}

/**
 * The share after the bucket answered, or null when it did not. An empty bucket is asked again when a batch has come back: a
 * flood costs a few statements each second. A bucket that does not answer is taken to have given the batch: a process
 * then lets in `perSecond` by itself.
 */
export function afterAsking(
  share: Share,
  rate: Rate,
  wanted: number,
  answer: { readonly granted: number; readonly left: number } | null,
  now: number,
): Share {
  const later = now + (1_000 * batchOf(rate)) / rate.perSecond;
  if (answer === null) return { ...share, tokens: share.tokens + wanted, askAgainAt: later };
  const { granted, left } = answer;
  return {
    tokens: share.tokens + granted,
    left,
    askedAt: now,
    askAgainAt: granted < wanted ? later : now,
  };
}

/** How many requests are probably left, as other processes take from the bucket, too. */
export function remaining({ tokens, left, askedAt }: Share, { perSecond, burst }: Rate, now: number): number {
  return Math.floor(Math.min(burst, tokens + left + (perSecond * (now - askedAt)) / 1_000));
}
