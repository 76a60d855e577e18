// The limit of unknown API keys from one address.
import { describe, expect, it } from 'vitest';
import { FailedKeys, networkOf } from '../../../api/limits/failed-keys.ts';

describe('an address', () => {
  const fail = (failed: FailedKeys, address: string, times: number): void => {
    for (let n = 0; n < times; n++) failed.count(address);
  };

  it('may try thirty unknown keys, and then one each second', () => {
    let now = 5_000;
    const failed = new FailedKeys(() => now);
    fail(failed, '192.0.2.7', 29);
    failed.refuse('192.0.2.7');
    fail(failed, '192.0.2.7', 1);
    expect(() => failed.refuse('192.0.2.7')).toThrow(
      expect.objectContaining({ code: 'too_many_requests', limit: 'address', retryAfter: 1 }),
    );
    failed.refuse('192.0.2.8');
    now = 6_000;
    failed.refuse('192.0.2.7');
    fail(failed, '192.0.2.7', 3);
    expect(() => failed.refuse('192.0.2.7')).toThrow(expect.objectContaining({ retryAfter: 3 }));
    now = 38_000;
    fail(failed, '192.0.2.7', 29);
    failed.refuse('192.0.2.7');
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7'],
    ['2001:0db8:0000:0007::9', '2001:db8:0:7'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('of IPv6 counts for its network: %s', (address, network) => expect(networkOf(address)).toBe(network));
});
