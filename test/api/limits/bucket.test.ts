// How a process admits requests with its share of a bucket: batches, pauses, and the number of requests that are left.
import { describe, expect, it } from 'vitest';
import {
  NEW_SHARE,
  type Rate,
  type Share,
  afterAsking,
  batchOf,
  decide,
  remaining,
  wantedBy,
} from '../../../api/limits/bucket.ts';
import { rateFields } from '../../../api/limits/rate-fields.ts';

/** A batch is 20 tokens, which come back in 200 ms. */
const RATE: Rate = { perSecond: 100, burst: 200 };
const share = (more: Partial<Share>): Share => ({ ...NEW_SHARE, ...more });

describe('a batch of tokens', () => {
  it('is a tenth of the bucket, and at least one token', () => {
    expect([200, 600, 19, 9, 1].map((burst) => batchOf({ perSecond: 1, burst }))).toEqual([20, 60, 1, 1, 1]);
  });

  it('fills up the share of the process', () => {
    expect(wantedBy(share({ tokens: 0 }), RATE)).toBe(20);
    expect(wantedBy(share({ tokens: 7 }), RATE)).toBe(13);
  });
});

describe('a request', () => {
  it('asks the bucket when the process has no token', () => {
    expect(decide(NEW_SHARE, RATE, 0)).toEqual({ kind: 'ask' });
  });

  it('takes a token of the process, which asks for more when a quarter of a batch is left', () => {
    const [much, little] = [share({ tokens: 7 }), share({ tokens: 6 })];
    expect(decide(much, RATE, 0)).toEqual({ kind: 'admit', share: share({ tokens: 6 }), topUp: false });
    expect(decide(little, RATE, 0)).toEqual({ kind: 'admit', share: share({ tokens: 5 }), topUp: true });
  });

  it('is refused while the bucket is known to be empty', () => {
    const empty = afterAsking(NEW_SHARE, RATE, 20, { granted: 0, left: 0 }, 1_000);
    expect(decide(empty, RATE, 1_000)).toEqual({ kind: 'refuse', retryAfterMs: 200 });
    expect(decide(empty, RATE, 1_150)).toEqual({ kind: 'refuse', retryAfterMs: 50 });
    expect(decide(empty, RATE, 1_200)).toEqual({ kind: 'ask' });
  });

  it('takes the last tokens of a bucket, and the process asks for no more meanwhile', () => {
    const last = afterAsking(NEW_SHARE, RATE, 20, { granted: 2, left: 0 }, 1_000);
    expect(decide(last, RATE, 1_000)).toEqual({
      kind: 'admit',
      share: { ...last, tokens: 1 },
      topUp: false,
    });
  });
});

describe('a bucket that does not answer', () => {
  it('is assumed to have given a batch, and is asked again when a batch would have come back', () => {
    const after = afterAsking(NEW_SHARE, RATE, 20, null, 1_000);
    expect(after).toMatchObject({ tokens: 20, askAgainAt: 1_200 });
    expect(decide({ ...after, tokens: 0 }, RATE, 1_199)).toEqual({ kind: 'refuse', retryAfterMs: 1 });
  });

  it('admits 100 requests in a second, as the rate allows', () => {
    let [now, here, admitted] = [0, NEW_SHARE, 0];
    for (; now < 1_000; now++) {
      for (let request = 0; request < 5; request++) {
        const decision = decide(here, RATE, now);
        if (decision.kind === 'ask') here = afterAsking(here, RATE, wantedBy(here, RATE), null, now);
        if (decision.kind === 'admit') [here, admitted] = [decision.share, admitted + 1];
      }
    }
    expect(admitted).toBe(100);
  });
});

describe('the requests that are left', () => {
  it('are the tokens of the process and of the bucket, and those that came back since', () => {
    const here = afterAsking(NEW_SHARE, RATE, 20, { granted: 20, left: 80 }, 1_000);
    expect(remaining(here, RATE, 1_000)).toBe(100);
    expect(remaining(here, RATE, 1_250)).toBe(125);
    expect(remaining(here, RATE, 9_000)).toBe(200);
    expect(remaining(NEW_SHARE, RATE, 0)).toBe(200);
  });

  it('are in the header fields, with a policy for each limit', () => {
    const rates = { key: RATE, merchant: { perSecond: 300, burst: 700 } };
    const standings = [
      { name: 'key', remaining: 0, moreAfterMs: 1_200 },
      { name: 'merchant', remaining: 700, moreAfterMs: 4 },
    ] as const;
    expect(rateFields(rates, standings)).toEqual({
      'RateLimit-Policy': '"key";q=200;w=2, "merchant";q=700;w=3',
      RateLimit: '"key";r=0;t=2, "merchant";r=700',
    });
  });
});
