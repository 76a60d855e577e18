import type { Request, Response } from 'express';
import { type ApiKey, findApiKey } from '../db/parties/api-keys.ts';
import { DomainError } from '../domain/errors.ts';
import { type ShownKey, authorise, shownKey } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { FailedKeys } from './limits/failed-keys.ts';
import { LiveFirst } from './limits/live-first.ts';
import { type RateLimits, type Verdict, createRateLimits } from './limits/rate-limits.ts';
import { Recent } from './limits/recent.ts';
import type { Turns } from './limits/turns.ts';
import { noteKey } from './request-context.ts';
import type { Route } from './route.ts';

/** A request and its route. */
interface Asked {
  readonly request: Request;
  readonly response: Response;
  readonly spec: Route['spec'];
}

/**
 * Authenticates a request and does its work, unless its key is not valid, lacks the scope, or has made too many requests.
 * @throws DomainError unauthenticated, forbidden; TooManyRequests
 */
export type Admit = (asked: Asked, work: (key: ApiKey) => Promise<void>) => Promise<void>;

/** How many keys are remembered. */
const REMEMBERED = 10_000;

const monotonic = (): number => performance.now();

/**
 * Creates the check that every request must pass. It remembers keys that were valid lately, so that a request that a limit
 * refuses costs no statement. Each request that is let in has had its key looked up in the database, so a revoked key is refused
 * at once.
 */
export function createAdmission(deps: ApiDeps, previews: Turns): Admit {
  const { now = monotonic, isShort = () => false } = deps;
  const known = new Recent<string, ApiKey>(REMEMBERED);
  const failed = new FailedKeys(now);
  const liveFirst = new LiveFirst(isShort);
  const rates = rateLimitsOf(deps, now);
  const find = async ({ spec }: Asked, { key, hash }: ShownKey): Promise<ApiKey | null> => {
    const found = await findApiKey(spec.effect === 'read' ? deps.reads : deps.pool, key);
    if (found === null) known.delete(hash);
    else known.set(hash, found);
    return found;
  };
  const getToKnow = introduction(failed, find);

  const refuseAtOnce = ({ request, response, spec }: Asked, { hash }: ShownKey): void => {
    const key = known.get(hash);
    if (key === undefined) {
      failed.refuse(addressOf(request));
      return;
    }
    noteKey(response, key);
    const verdict = rates?.refuse(key) ?? null;
    if (verdict !== null) obey(response, verdict);
    if (spec.previews === true) previews.refuse(key.merchant);
  };
  /** Counts the request of a known key before the look-up, so that requests over the limit cause no look-ups. */
  const letIn = async (asked: Asked, shown: ShownKey): Promise<ApiKey> => {
    const key = known.get(shown.hash) ?? (await getToKnow(asked, shown));
    if (key === null) throw unknownKey();
    noteKey(asked.response, key);
    if (rates !== null) obey(asked.response, await rates.take(key));
    const found = await find(asked, shown);
    if (found === null) {
      failed.count(addressOf(asked.request));
      throw unknownKey();
    }
    authorise(found, asked.spec);
    return found;
  };

  return async (asked, work) => {
    const shown = shownKey(asked.request);
    refuseAtOnce(asked, shown);
    const leave = await liveFirst.enter(shown.mode);
    try {
      await work(await letIn(asked, shown));
    } finally {
      leave();
    }
  };
}

type Find = (asked: Asked, shown: ShownKey) => Promise<ApiKey | null>;

/**
 * Returns the look-up of keys that this process does not know. It refuses an address that sent too many unknown keys. Requests
 * with the same key share one look-up.
 */
function introduction(failed: FailedKeys, find: Find): Find {
  const underWay = new Map<string, Promise<ApiKey | null>>();
  return (asked, shown) => {
    const first = underWay.get(shown.hash);
    if (first !== undefined) return first;
    const looking = failed
      .lookUp(addressOf(asked.request), () => find(asked, shown))
      .finally(() => underWay.delete(shown.hash));
    underWay.set(shown.hash, looking);
    return looking;
  };
}

function unknownKey(): DomainError {
  return new DomainError('unauthenticated', 'the API key is unknown, revoked or expired');
}

function rateLimitsOf({ rateLimits, log }: ApiDeps, now: () => number): RateLimits | null {
  if (rateLimits === undefined) return null;
  const unanswered = (error: unknown): void =>
    log.error({ err: error }, 'a rate limit cannot be read; requests are accepted without it');
  return createRateLimits({ ...rateLimits, unanswered, now });
}

/**
 * Writes the header fields of a verdict.
 * @throws TooManyRequests if the verdict is a refusal
 */
function obey(response: Response, { fields, refusal }: Verdict): void {
  response.set(fields);
  if (refusal !== null) throw refusal;
}

/** The caller's address. Behind a trusted proxy it is the address that the proxy reports. */
function addressOf({ ip = '' }: Request): string {
  return ip;
}
