import type { MerchantId } from './ids.ts';
import { type Db, row } from './pool.ts';

/** A bucket of tokens: as many are added each second as `perSecond` says, until there are `burst`. */
interface Bucket {
  readonly merchant: MerchantId;
  /** Whose it is: the id of a key, or `merchant`. */
  readonly holder: string;
  readonly perSecond: number;
  readonly burst: number;
}

/** What a take got, and the whole tokens that are left for others. */
export interface Taken {
  readonly granted: number;
  readonly left: number;
}

/** Takes so many tokens from a bucket, or as many as there are, by the time of the database. A missing bucket is full. */
export function takeTokens(
  db: Db,
  { merchant, holder, perSecond, burst }: Bucket,
  wanted: number,
): Promise<Taken> {
  return row<Taken>(
    db,
    `insert into rate_buckets as b (merchant_id, holder, tokens, refilled_at, granted)
     values ($1, $2, $4::numeric - least($4::integer, $5), clock_timestamp(), least($4::integer, $5::integer))
     on conflict (merchant_id, holder) do update set (tokens, refilled_at, granted) =
       (select held - got, now, got
        from (select clock_timestamp()) as clock (now),
          lateral (select extract(epoch from now - b.refilled_at)) as since (seconds),
          lateral (select least($4, b.tokens + $3::numeric * greatest(0, seconds))) as refilled (held),
          lateral (select least($5, floor(held)::integer)) as taken (got))
     returning granted, floor(tokens)::integer as left`,
    [merchant, holder, perSecond, burst, wanted],
  );
}
