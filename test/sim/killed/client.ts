import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Answered, type Caller, answered } from '../../support/api.ts';

/** The APIs of a client, and what to call for its changes. */
export interface ClientOptions {
  readonly urls: readonly string[];
  /** Called before each request that changes something. */
  readonly beforeChange: () => Promise<void>;
  /** Called once with each request that changes something, when it is answered. */
  readonly changed: (change: Change) => void;
}

/** A request that changes something, and its answer. */
export interface Change {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly answer: Answered;
}

/** The time limit of one request, which is longer than the API's own, and of all its repetitions. */
const NO_ANSWER_MS = 30_000;
const GIVES_UP_MS = 180_000;
const PAUSE_MS = 100;
/** Every third change is sent once more, and must get the same answer. */
const REPEATED = 3;

/**
 * A client that sends requests to the APIs in turn. If a request gets no answer, or one that says to try again, it is
 * repeated at the next API under the same Idempotency-Key.
 */
export function clientOf({ urls, beforeChange, changed }: ClientOptions, key: string): Caller {
  let turn = 0;
  let changes = 0;
  const once = async (method: string, path: string, init: RequestInit): Promise<Answered | null> => {
    const url = urls[turn++ % urls.length]! + path;
    try {
      return await answered(await fetch(url, { ...init, method, signal: AbortSignal.timeout(NO_ANSWER_MS) }));
    } catch {
      return null;
    }
  };
  const untilAnswered = async (method: string, path: string, init: RequestInit): Promise<Answered> => {
    for (const until = Date.now() + GIVES_UP_MS; ;) {
      const answer = await once(method, path, init);
      if (answer !== null && !asksAgain(answer)) return answer;
      if (Date.now() > until)
        throw new Error(`${method} ${path} got no answer: ${JSON.stringify(answer?.body)}`);
      await delay(PAUSE_MS);
    }
  };
  const ask = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    if (method === 'GET') return untilAnswered(method, path, { headers });
    await beforeChange();
    const init = { headers: { ...headers, 'idempotency-key': randomUUID() }, ...content };
    const answer = await untilAnswered(method, path, init);
    changed({ method, path, body, answer });
    if (answer.status < 300 && ++changes % REPEATED === 0) {
      const again = await untilAnswered(method, path, init);
      if (again.status !== answer.status || !isDeepStrictEqual(again.body, answer.body))
        throw new Error(
          `${method} ${path} answered otherwise when it was repeated: ${textOf(answer)}, then ${textOf(again)}`,
        );
    }
    return answer;
  };
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
    patch: (path, body) => ask('PATCH', path, body),
    delete: (path) => ask('DELETE', path),
  };
}

const textOf = ({ status, body }: Answered): string => `${status} ${JSON.stringify(body)}`;

/** Whether the API says that it could not do the request, and that it may be sent again. */
function asksAgain({ status, body }: Answered): boolean {
  return status === 503 || status === 504 || status === 429 || body.code === 'request_in_progress';
}
