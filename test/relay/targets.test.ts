// Tenor sends webhooks to public addresses only. Otherwise a merchant could make it call services of its own network.
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../domain/errors.ts';
import { checkWebhookUrl, isPublicAddress } from '../../engine/webhooks/targets.ts';

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.254',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::ffff:93.184.215.14',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'nonsense',
    '',
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    '1.1.1.1',
    '93.184.215.14',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.0.1',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('the URL of an endpoint', () => {
  const refusal = (url: string, targets: 'public' | 'any' = 'public'): string => {
    try {
      return checkWebhookUrl(url, targets);
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect((error as DomainError).code).toBe('invalid_webhook_url');
      return (error as DomainError).message;
    }
  };

  it.each([
    ['nonsense', 'is not a URL'],
    ['ftp://example.com/', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['http://example.com/', 'must begin with https://'],
    ['https://user:pass@example.com/', 'may not contain a user or a password'],
    ['https://example.com/#part', 'may not have a fragment'],
    ['https://localhost/', 'is not a public address'],
    ['https://LOCALHOST./', 'is not a public address'],
    ['https://api.localhost/', 'is not a public address'],
    ['https://127.0.0.1/', 'is not a public address'],
    // Other ways to write 127.0.0.1 and 169.254.169.254.
    ['https://2130706433/', 'is not a public address'],
    ['https://0x7f.1/', 'is not a public address'],
    ['https://0177.0.0.1/', 'is not a public address'],
    ['https://169.254.169.254/latest/meta-data', 'is not a public address'],
    ['https://[::1]/', 'is not a public address'],
    ['https://[::ffff:169.254.169.254]/', 'is not a public address'],
  ])('%s is refused: it %s', (url, message) => expect(refusal(url)).toBe(message));

  it('is kept in its normal form', () => {
    expect(refusal('HTTPS://Example.com:443/hooks?a=1')).toBe('https://example.com/hooks?a=1');
  });

  it('may be any http address if the installation allows it', () => {
    expect(refusal('http://127.0.0.1:8000/', 'any')).toBe('http://127.0.0.1:8000/');
    expect(refusal('ftp://127.0.0.1/', 'any')).toBe('must begin with https:// or http://');
  });
});
