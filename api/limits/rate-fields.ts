import type { Rate } from './bucket.ts';

/** The rate limits: of one key, and of all keys of a merchant together. */
export type RateName = 'key' | 'merchant';
/** Header fields with their values. */
export type Fields = Readonly<Record<'RateLimit' | 'RateLimit-Policy', string>>;

/** The state of a limit. */
interface BucketState {
  readonly name: RateName;
  /** How many more requests it would probably accept now. */
  readonly remaining: number;
  /** After how many milliseconds it accepts more. */
  readonly moreAfterMs: number;
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-11. `RateLimit-Policy` gives the quota (`q`) and the seconds in
 * which it is refilled (`w`). `RateLimit` gives the requests that are left (`r`) and the seconds until there are more (`t`).
 */
export function rateFields(rates: Readonly<Record<RateName, Rate>>, buckets: readonly BucketState[]): Fields {
  const policies = buckets.map(({ name }) => {
    const { perSecond, burst } = rates[name];
    return `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  });
  const limits = buckets.map(({ name, remaining, moreAfterMs }) => {
    const more = remaining < rates[name].burst ? `;t=${Math.ceil(moreAfterMs / 1_000)}` : '';
    return `"${name}";r=${remaining}${more}`;
  });
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: limits.join(', ') };
}
