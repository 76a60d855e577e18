import type { Rate } from './bucket.ts';
import { Recent } from './recent.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** How many unknown keys an address may send. Each costs a statement. */
const UNKNOWN_KEYS: Rate = { perSecond: 1, burst: 30 };

/** How many addresses are remembered. */
const REMEMBERED = 20_000;

/** Limits the unknown API keys that an address sends to this process. Requests with known keys are not limited here. */
export class FailedKeys {
  readonly #now: () => number;
  /** When the bucket of an address is full again. */
  readonly #fullAt = new Recent<string, number>(REMEMBERED);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws TooManyRequests if the address has sent too many unknown keys */
  refuse(address: string): void {
    const { perSecond, burst } = UNKNOWN_KEYS;
    const fullInMs = (this.#fullAt.get(networkOf(address)) ?? 0) - this.#now();
    const retryAfterMs = fullInMs - (1_000 * (burst - 1)) / perSecond;
    if (retryAfterMs <= 0) return;
    throw new TooManyRequests(
      'address',
      'this address has sent too many unknown API keys; repeat the request later, with a valid key',
      retryAfterMs,
    );
  }

  /** Counts an unknown key. */
  count(address: string): void {
    this.#fill(address, 1);
  }

  /**
   * Looks up a key that this process does not know. The key counts as unknown until it is found, so simultaneous requests of an
   * address cannot cause more look-ups than the limit allows.
   * @throws TooManyRequests
   */
  async lookUp<T>(address: string, look: () => Promise<T | null>): Promise<T | null> {
    this.refuse(address);
    this.#fill(address, 1);
    let isUnknown = false;
    try {
      const found = await look();
      isUnknown = found === null;
      return found;
    } finally {
      if (!isUnknown) this.#fill(address, -1);
    }
  }

  #fill(address: string, keys: 1 | -1): void {
    const network = networkOf(address);
    const [now, each] = [this.#now(), 1_000 / UNKNOWN_KEYS.perSecond];
    this.#fullAt.set(network, Math.max(now, this.#fullAt.get(network) ?? now) + keys * each);
  }
}

/** The IPv4 address, or the first 64 bits of an IPv6 address, as one host usually has that whole network. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [before = '', after] = address.split('%')[0]?.split('::') ?? [];
  const groups = before === '' ? [] : before.split(':');
  const last = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - groups.length - last.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...last];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
