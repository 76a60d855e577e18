import type { Rate } from './bucket.ts';

/** Limits by time: of one key, and of all keys of a merchant. */
export type RateName = 'key' | 'merchant';
export type Fields = Readonly<Record<'RateLimit' | 'RateLimit-Policy', string>>;

/** How a limit stands for whoever asked. */
interface Standing {
  readonly name: RateName;
  /** How many more requests it probably lets in at once. */
  readonly remaining: number;
  /** In how many milliseconds it lets in more. */
  readonly moreAfterMs: number;
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-11. `RateLimit-Policy` says how many requests (`q`) come back
 * in how many seconds (`w`), `RateLimit` how many are left (`r`), and in how many seconds there are more (`t`).
 */
export function rateFields(rates: Readonly<Record<RateName, Rate>>, standings: readonly Standing[]): Fields {
  const policies = standings.map(({ name }) => {
    const { perSecond, burst } = rates[name];
    return `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  });
  const limits = standings.map(({ name, remaining, moreAfterMs }) => {
    const more = remaining < rates[name].burst ? `;t=${Math.ceil(moreAfterMs / 1_000)}` : '';
    return `"${name}";r=${remaining}${more}`;
  });
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: limits.join(', ') };
}
