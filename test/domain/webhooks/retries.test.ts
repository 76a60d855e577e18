import { describe, expect, it } from 'vitest';
import { type FailedTry, afterFailedTry, pauseAfter, restAfter } from '../../../domain/webhooks/retries.ts';

const HOUR = 3_600;
const DAY = 86_400;

const first: FailedTry = {
  tries: 1,
  triedFor: 0,
  acceptedMeanwhile: false,
  failures: 0,
  failingFor: 0,
  chance: 0,
  status: 500,
  retryAfter: null,
};

describe('a webhook that was not accepted', () => {
  it('is tried again after pauses that grow from 5 seconds to 8 hours', () => {
    expect(Array.from({ length: 11 }, (_, n) => pauseAfter(n + 1))).toEqual([
      5,
      15,
      45,
      135,
      405,
      1_215,
      3_645,
      10_935,
      8 * HOUR,
      8 * HOUR,
      8 * HOUR,
    ]);
  });

  it('waits up to a tenth longer by chance', () => {
    expect(afterFailedTry({ ...first, chance: 0.5 })).toMatchObject({ webhook: 'waits', pause: 5.25 });
  });

  it('is tried 18 times, the last time exactly three days after the first', () => {
    let [triedFor, tries] = [0, 1];
    while (triedFor < 3 * DAY) {
      const after = afterFailedTry({ ...first, tries, triedFor, failingFor: triedFor });
      expect(after).toMatchObject({ webhook: 'waits', disables: null });
      triedFor += after.pause;
      tries += 1;
    }
    expect([triedFor, tries]).toEqual([3 * DAY, 18]);
  });

  it('dies after three days if the endpoint has accepted another one meanwhile', () => {
    const over = { ...first, tries: 18, triedFor: 3 * DAY, acceptedMeanwhile: true, failingFor: HOUR };
    expect(afterFailedTry(over)).toMatchObject({ webhook: 'dead', disables: null });
    expect(afterFailedTry({ ...over, triedFor: 3 * DAY - 1 })).toMatchObject({ webhook: 'waits', pause: 1 });
  });

  it('waits on after three days if the endpoint has accepted nothing, and the endpoint is disabled', () => {
    const over = { ...first, tries: 18, triedFor: 3 * DAY, failingFor: 3 * DAY };
    expect(afterFailedTry(over)).toMatchObject({
      webhook: 'waits',
      pause: 8 * HOUR,
      disables: 'failing',
    });
  });
});

describe('an answer with Retry-After', () => {
  it.each([429, 503])('and the status %s is not sent anything before that', (status) => {
    const after = afterFailedTry({ ...first, status, retryAfter: 120, chance: 0.5 });
    expect(after).toMatchObject({ pause: 120, askedPause: 120, rest: null });
  });

  it('is granted an hour at most', () => {
    const after = afterFailedTry({ ...first, status: 429, retryAfter: 1e21 });
    expect(after).toMatchObject({ pause: HOUR, askedPause: HOUR });
  });

  it('that is shorter than the own pause changes nothing', () => {
    const after = afterFailedTry({ ...first, tries: 5, status: 503, retryAfter: 10 });
    expect(after).toMatchObject({ pause: 405, askedPause: 10 });
  });

  it('and another status is tried again as if it had none', () => {
    const after = afterFailedTry({ ...first, status: 500, retryAfter: 120 });
    expect(after).toMatchObject({ pause: 5, askedPause: null });
  });
});

describe('an endpoint', () => {
  it('that answers 410 is disabled at once, and nothing dies', () => {
    expect(afterFailedTry({ ...first, status: 410 })).toMatchObject({ webhook: 'waits', disables: 'gone' });
  });

  it('rests after five webhooks that failed their first try: 5 seconds, then twice as long, up to ten minutes', () => {
    expect([4, 5, 6, 7, 11, 12, 50].map(restAfter)).toEqual([null, 5, 10, 20, 320, 600, 600]);
    expect(afterFailedTry({ ...first, failures: 3 })).toMatchObject({ failures: 4, rest: null });
    expect(afterFailedTry({ ...first, failures: 4 })).toMatchObject({ failures: 5, rest: 5 });
  });

  it('does not rest because of one webhook that it never accepts', () => {
    expect(afterFailedTry({ ...first, tries: 9, failures: 1, triedFor: HOUR })).toMatchObject({
      failures: 1,
      rest: null,
    });
  });

  it('rests longer after each failure while it rests, also if a webhook was tried before', () => {
    expect(afterFailedTry({ ...first, tries: 3, failures: 6 })).toMatchObject({ failures: 7, rest: 20 });
  });
});
