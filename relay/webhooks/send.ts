import { lookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { type LookupFunction, isIP } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { type WebhookTargets, hostOf, isPublicAddress } from '../../engine/webhooks/targets.ts';

/** How long a try may take, from the look-up of the name to the status of the answer. */
const TRY_MS = 15_000;
const CONNECT_MS = 8_000;
/** How long one question to a name server may take. It is asked twice. */
const NAME_MS = 2_000;
/** How many bytes of an answer are kept, and for how long its body is read. */
const KEPT_BYTES = 500;
const BODY_MS = 2_000;
/** Unused connections are closed before most servers close them: a webhook that is sent on a closing connection fails. */
const KEPT_ALIVE_MS = 4_000;
const CONNECTIONS = 16;

/** The request of a webhook. */
interface SignedWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The result of one try. */
export interface Try {
  /** Only an answer with a status from 200 to 299 accepts a webhook. */
  readonly accepted: boolean;
  readonly status: number | null;
  readonly durationMs: number;
  /** Why there was no answer, or why the answer does not accept the webhook. Null if it does. */
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly answer: string | null;
  /** The header `Retry-After` of the answer. */
  readonly retryAfter: string | null;
}

export interface Sender {
  /** Sends a webhook once. It never throws: a failure is a result. */
  send(webhook: SignedWebhook): Promise<Try>;
  /** Closes all connections. Tries that are under way fail. */
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly targets: WebhookTargets;
  /** The name servers, as `address:port`. By default those of the system. */
  readonly nameServers?: readonly string[];
  readonly tryMs?: number;
}

class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/**
 * Creates a sender. It checks each address at the moment of the connection, after the name was resolved, so that a name cannot
 * have a public address when it is checked and another one when it is used. It follows no redirect.
 */
export function createSender({ targets, nameServers, tryMs = TRY_MS }: SenderOptions): Sender {
  const allowed = (address: string): boolean => targets === 'any' || isPublicAddress(address);
  const connector = buildConnector({
    timeout: CONNECT_MS,
    // With `any`, a target may have a name that only this machine knows.
    lookup: targets === 'any' ? lookup : publicLookup(nameServers),
  });
  const agent = new Agent({
    connections: CONNECTIONS,
    keepAliveTimeout: KEPT_ALIVE_MS,
    headersTimeout: tryMs,
    bodyTimeout: BODY_MS,
    connect(options, callback) {
      // Node does not call `lookup` for a host that is an address already.
      const host = hostOf(options);
      if (isIP(host) !== 0 && !allowed(host)) callback(refusal(host), null);
      else connector(options, callback);
    },
  });
  return {
    async send(webhook) {
      const began = performance.now();
      const outcome = await sendOnce(agent, webhook, tryMs, targets);
      return { ...outcome, durationMs: Math.round(performance.now() - began) };
    },
    close: () => agent.destroy(),
  };
}

async function sendOnce(
  agent: Agent,
  { url, headers, body }: SignedWebhook,
  tryMs: number,
  targets: WebhookTargets,
): Promise<Omit<Try, 'durationMs'>> {
  const failed = (error: string) => ({
    accepted: false,
    status: null,
    answer: null,
    retryAfter: null,
    error,
  });
  const to = new URL(url);
  // The setting may have changed since the endpoint was made.
  if (targets !== 'any' && to.protocol !== 'https:') return failed('only https is allowed');
  try {
    const {
      statusCode: status,
      headers: own,
      body: stream,
    } = await request(to, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Tenor', ...headers },
      body,
      signal: AbortSignal.timeout(tryMs),
    });
    const answer = await beginningOf(stream);
    const accepted = status >= 200 && status < 300;
    const retryAfter = typeof own['retry-after'] === 'string' ? own['retry-after'] : null;
    return { accepted, status, answer, retryAfter, error: accepted ? null : reasonOf(status) };
  } catch (error) {
    return failed(errorText(error, hostOf(to), tryMs));
  }
}

const reasonOf = (status: number): string =>
  status >= 300 && status < 400
    ? `the answer has the status ${status}: redirects are not followed`
    : `the answer has the status ${status}`;

/** Reads the first bytes of a body, as far as they arrive in time. */
async function beginningOf(stream: AsyncIterable<Uint8Array> & { destroy(): void }): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const timer = setTimeout(() => stream.destroy(), BODY_MS);
  try {
    for await (const part of stream) {
      parts.push(part);
      length += part.length;
      if (length > KEPT_BYTES) break; // leaving the loop closes the connection
    }
  } catch {
    // The status alone decides.
  } finally {
    clearTimeout(timer);
  }
  // Postgres stores no NUL.
  return Buffer.concat(parts).subarray(0, KEPT_BYTES).toString().replaceAll('\0', '\u{fffd}');
}

function errorText(error: unknown, host: string, tryMs: number): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof RefusedAddress) return cause.message;
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return `no answer within ${tryMs / 1_000} seconds`;
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  const isHttp = code !== 'ERR_ASSERTION' && !(cause instanceof Error && cause.name === 'HTTPParserError');
  if (!isHttp) return 'the answer is not HTTP/1.1';
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return `no answer within ${tryMs / 1_000} seconds`;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return `no connection within ${CONNECT_MS / 1_000} seconds`;
  if (code === 'ENOTFOUND' || code === 'ENODATA') return `the name ${host} has no address`;
  const message = cause instanceof Error ? cause.message : String(cause);
  return (code === null || message.includes(code) ? message : `${code}: ${message}`).slice(0, 500);
}

const refusal = (host: string): RefusedAddress => new RefusedAddress(`${host} has no public address`);

/**
 * Resolves names to their public addresses. It asks the name servers directly: the system's resolver has four threads for the whole
 * process, which a few slow name servers could occupy.
 */
function publicLookup(nameServers: readonly string[] | undefined): LookupFunction {
  const resolver = new Resolver({ timeout: NAME_MS, tries: 2 });
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const publicAddresses = async (name: string): Promise<{ address: string; family: number }[]> => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const [ipv4] = answers;
    if (found.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
    const usable = found.filter(isPublicAddress);
    if (usable.length === 0) throw refusal(name);
    return usable.map((address) => ({ address, family: isIP(address) }));
  };
  return (hostname, options, callback) => {
    publicAddresses(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}
