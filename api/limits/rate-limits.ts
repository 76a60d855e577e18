import type { ApiKey } from '../../db/parties/api-keys.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Rate } from './bucket.ts';
import { type Fields, type RateName, rateFields } from './rate-fields.ts';
import { Recent } from './recent.ts';
import { SharedBucket } from './shared-bucket.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** The rates of one key, and of all keys of a merchant together. */
type Rates = Readonly<Record<RateName, Rate>>;

/** A token bucket in the database. */
interface StoredBucket extends Rate {
  readonly merchant: MerchantId;
  /** The id of a key, or `merchant` for all keys together. */
  readonly holder: string;
}

export interface RateLimitOptions {
  readonly rates: Rates;
  /** Takes tokens from a bucket that all processes share. */
  readonly take: (
    bucket: StoredBucket,
    wanted: number,
  ) => Promise<{ readonly granted: number; readonly left: number }>;
  /** Called if a bucket did not answer. */
  readonly unanswered: (error: unknown) => void;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Whether a request may be served, and the header fields of its answer. */
export interface Verdict {
  readonly refusal: TooManyRequests | null;
  readonly fields: Fields;
}

/** Limits the requests of each key, and of each merchant. */
export interface RateLimits {
  /** Counts a request, unless it is refused. */
  take(key: ApiKey): Promise<Verdict>;
  /** Refuses a request without asking the database. Returns null if this process does not know that the limit is reached. */
  refuse(key: ApiKey): Verdict | null;
}

/** How many buckets are remembered. Forgetting one loses at most a batch. */
const REMEMBERED = 20_000;

/** Creates the rate limits of this process, whose buckets are in the database. */
export function createRateLimits(options: RateLimitOptions): RateLimits {
  const { rates, now, unanswered } = options;
  const buckets = new Recent<string, SharedBucket>(REMEMBERED);
  const bucketOf = (name: RateName, { merchant, keyId }: ApiKey): SharedBucket => {
    const stored = { ...rates[name], merchant, holder: name === 'key' ? keyId : name };
    const id = `${merchant} ${stored.holder}`;
    const take = (wanted: number): ReturnType<typeof options.take> => options.take(stored, wanted);
    const bucket = buckets.get(id) ?? new SharedBucket(stored, { take, unanswered, now });
    buckets.set(id, bucket);
    return bucket;
  };
  const verdict = (key: ApiKey, refused: RateName | null, retryAfterMs: number): Verdict => {
    const standing = (name: RateName) => ({
      name,
      remaining: name === refused ? 0 : bucketOf(name, key).remaining(),
      moreAfterMs: name === refused ? retryAfterMs : 1_000 / rates[name].perSecond,
    });
    return {
      refusal: refused === null ? null : refusalOf(refused, rates[refused], retryAfterMs),
      fields: rateFields(rates, [standing('key'), standing('merchant')]),
    };
  };
  return {
    async take(key) {
      const own = bucketOf('key', key);
      const retryAfterMs = await own.take();
      if (retryAfterMs !== null) return verdict(key, 'key', retryAfterMs);
      const retryMerchantMs = await bucketOf('merchant', key).take();
      if (retryMerchantMs === null) return verdict(key, null, 0);
      own.giveBack();
      return verdict(key, 'merchant', retryMerchantMs);
    },
    refuse(key) {
      for (const name of ['key', 'merchant'] as const) {
        const retryAfterMs = bucketOf(name, key).refusesFor();
        if (retryAfterMs !== null) return verdict(key, name, retryAfterMs);
      }
      return null;
    },
  };
}

function refusalOf(name: RateName, { perSecond, burst }: Rate, retryAfterMs: number): TooManyRequests {
  const whose = name === 'key' ? 'an API key' : 'the keys of a merchant together';
  const text = `${whose} may make ${perSecond} requests per second, and ${burst} at once after a pause`;
  return new TooManyRequests(name, text, retryAfterMs);
}
