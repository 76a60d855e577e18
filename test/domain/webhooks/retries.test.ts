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
      expect(after).toMatchObject({ webhook: 'waits', endpoint: 'enabled' });
      triedFor += after.pause;
      tries += 1;
    }
    expect([triedFor, tries]).toEqual([3 * DAY, 18]);
  });

  it('dies after three days if the endpoint has accepted another one meanwhile', () => {
    const over = { ...first, tries: 18, triedFor: 3 * DAY, acceptedMeanwhile: true, failingFor: HOUR };
    expect(afterFailedTry(over)).toMatchObject({ webhook: 'dead', endpoint: 'enabled' });
    expect(afterFailedTry({ ...over, triedFor: 3 * DAY - 1 })).toMatchObject({ webhook: 'waits', pause: 1 });
  });

  it('waits on after three days if the endpoint has accepted nothing, and the endpoint is disabled', () => {
    const over = { ...first, tries: 18, triedFor: 3 * DAY, failingFor: 3 * DAY };
    expect(afterFailedTry(over)).toMatchObject({
      webhook: 'waits',
      pause: 8 * HOUR,
      endpoint: 'disabled',
    });
  });
});

describe('an endpoint', () => {
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
