/** A limit of requests: how many per second on average, and how many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  /** At least `perSecond`. */
  readonly burst: number;
}

/**
 * The part of a token bucket that this process has. The bucket is in Postgres, and all processes take tokens from it, a batch at
 * a time, so that few requests cost a statement. Instants are milliseconds of the process's own clock.
 */
export interface Share {
  /** Tokens that were taken from the bucket and are not used yet. */
  readonly tokens: number;
  /** Tokens that remained in the bucket when it was last asked. */
  readonly left: number;
  readonly askedAt: number;
  /** The bucket is not asked before this instant, because it was empty or did not answer. */
  readonly askAgainAt: number;
}

/** The share of a process that has not asked yet. It assumes that the bucket is full. */
export const NEW_SHARE: Share = { tokens: 0, left: 0, askedAt: -Infinity, askAgainAt: -Infinity };

/** The decision about a request. `ask` means that the bucket must be asked first. */
export type Decision =
  | {
      readonly kind: 'admit';
      readonly share: Share;
      /** Whether to ask the bucket for more meanwhile. */
      readonly topUp: boolean;
    }
  | { readonly kind: 'ask' }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number };

/** The most tokens that a process may have: a tenth of the bucket. */
export function batchOf({ burst }: Rate): number {
  return Math.max(1, Math.floor(burst / 10));
}

/** How many tokens to ask for. */
export function wantedBy(share: Share, rate: Rate): number {
  return batchOf(rate) - share.tokens;
}

/** Decides about a request by the tokens that the process has. It asks for more when a quarter of a batch is left. */
export function decide(share: Share, rate: Rate, now: number): Decision {
  const mayAsk = now >= share.askAgainAt;
  if (share.tokens > 0) {
    const tokens = share.tokens - 1;
    return { kind: 'admit', share: { ...share, tokens }, topUp: mayAsk && tokens <= batchOf(rate) / 4 };
  }
  return mayAsk ? { kind: 'ask' } : { kind: 'refuse', retryAfterMs: share.askAgainAt - now };
}

/**
 * The share after the bucket was asked. `answer` is null if the bucket did not answer. An empty bucket is asked again when a batch
 * has been refilled, so that a flood costs only a few statements per second. If a bucket does not answer, the batch counts as
 * granted, so a process then accepts `perSecond` by itself.
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

/** How many requests are left. It is an estimate, as other processes take from the bucket, too. */
export function remaining({ tokens, left, askedAt }: Share, { perSecond, burst }: Rate, now: number): number {
  return Math.floor(Math.min(burst, tokens + left + (perSecond * (now - askedAt)) / 1_000));
}
