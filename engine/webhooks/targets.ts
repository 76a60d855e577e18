import { BlockList, isIP, isIPv6 } from 'node:net';
import { DomainError } from '../../domain/errors.ts';

/**
 * Where webhooks may be sent: to public addresses by https, or anywhere. `any` is for development, and for receivers in the network of
 * the installation. With `public`, nobody can make Tenor send requests to services that only this network reaches.
 */
export type WebhookTargets = 'public' | 'any';

const reserved = new BlockList();
// The IPv4 addresses that are not global: the registry of special-purpose addresses (RFC 6890), multicast and reserved ones.
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  reserved.addSubnet(network, bits, 'ipv4');
// Addresses within global unicast that are not global, or that contain an IPv4 address: Teredo and others, documentation, 6to4.
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reserved.addSubnet(network, bits, 'ipv6');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address is public. Of IPv6 only global unicast is, so mapped and translated IPv4 addresses are not. */
export function isPublicAddress(address: string): boolean {
  const [ip = ''] = address.split('%');
  if (isIPv6(ip)) return globalUnicast.check(ip, 'ipv6') && !reserved.check(ip, 'ipv6');
  return isIP(ip) === 4 && !reserved.check(ip, 'ipv4');
}

/** The host of a URL as an IP address or a name, without the brackets of IPv6. */
export function hostOf({ hostname }: { readonly hostname: string }): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Checks the URL of an endpoint, and returns it in its normal form. The address of a name is checked at each connection, because a
 * name may have another address by then.
 * @throws DomainError invalid_webhook_url
 */
export function checkWebhookUrl(text: string, targets: WebhookTargets): string {
  const refuse = (message: string): DomainError =>
    new DomainError('invalid_webhook_url', message, { field: 'url' });
  if (!URL.canParse(text)) throw refuse('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refuse(`must begin with https://${targets === 'any' ? ' or http://' : ''}`);
  if (url.username !== '' || url.password !== '') throw refuse('may not contain a user or a password');
  if (url.hash !== '') throw refuse('may not have a fragment');
  if (targets === 'any') return url.href;
  if (url.protocol !== 'https:') throw refuse('must begin with https://');
  const host = hostOf(url).replace(/\.$/, '');
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  if (isLocal || (isIP(host) !== 0 && !isPublicAddress(host))) throw refuse('is not a public address');
  return url.href;
}
