import type { Rate } from './bucket.ts';
import { Recent } from './recent.ts';
import { TooManyRequests } from './too-many-requests.ts';

/** An address may show so many unknown keys. Each costs a statement. */
const UNKNOWN_KEYS: Rate = { perSecond: 1, burst: 30 };

/** Addresses from which unknown keys came, and when their buckets are full again. */
const REMEMBERED = 20_000;

/** Limits the unknown keys that an address shows to this process. Keys that the process knows are not concerned. */
export class FailedKeys {
  readonly #now: () => number;
  readonly #fullAt = new Recent<string, number>(REMEMBERED);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws TooManyRequests while too many unknown keys came from the address */
  refuse(address: string): void {
    const { perSecond, burst } = UNKNOWN_KEYS;
    const fullInMs = (this.#fullAt.get(networkOf(address)) ?? 0) - this.#now();
    const retryAfterMs = fullInMs - (1_000 * (burst - 1)) / perSecond;
    if (retryAfterMs <= 0) return;
    throw new TooManyRequests(
      'address',
      'too many unknown API keys came from this address; ask again later, with a valid key',
      retryAfterMs,
    );
  }

  /** Counts an unknown key. */
  count(address: string): void {
    this.#fill(address, 1);
  }

  /**
   * Looks a key up that this process does not know. It counts as unknown until it is found: of many that come at once, the
   * address has as many looked up as it may show.
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

/** An address of IPv4, or the network of one of IPv6, which a single host has to itself: the first 64 bits. */
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
