import type { SmtpOptions } from './smtp.ts';

/** An SMTP server and its login. An empty `user` means that there is none. */
interface SmtpServer extends Pick<SmtpOptions, 'host' | 'port' | 'tls'> {
  readonly user: string;
  readonly password: string;
}

/**
 * Reads the URL of an SMTP server. `smtps:` is TLS from the first byte, on port 465. `smtp:` is STARTTLS, on port 587, which the server
 * must offer unless the URL ends in `?tls=disable`. Null for any other text.
 */
export function smtpServerOf(text: string): SmtpServer | null {
  if (!URL.canParse(text) || /%(?![\da-f]{2})/i.test(text)) return null;
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  const [secure, disabled] = [protocol === 'smtps:', searchParams.get('tls') === 'disable'];
  const fits =
    searchParams.size === (disabled ? 1 : 0) && ['', '/'].includes(pathname) && !(secure && disabled);
  if (!(secure || protocol === 'smtp:') || hostname === '' || !fits) return null;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    tls: secure ? 'start' : disabled ? 'none' : 'upgrade',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
