import { expect, it } from 'vitest';
import { secondsToWait } from '../../relay/webhooks/retry-after.ts';

const NOW = Date.parse('2024-01-01T00:00:00Z');

it.each([
  ['120', 120],
  [' 0 ', 0],
  ['Mon, 01 Jan 2024 00:01:30 GMT', 90],
  ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['Mon, 99 Foo 2024 00:00:00 GMT', null],
  ['', null],
  [null, null],
] as const)('Retry-After %j asks to wait %s seconds', (header, seconds) => {
  expect(secondsToWait(header, NOW)).toBe(seconds);
});
