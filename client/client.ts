import { TenorProblem, TenorUnreachable } from './problem.ts';
import type { Operations } from './types.ts';

/** How a client reaches Tenor. */
export interface ClientOptions {
  /** The address of the API, without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How often a request is repeated at most. By default 4. */
  readonly retries?: number;
  /** How long one attempt may take. By default 60 seconds. */
  readonly timeLimitMs?: number;
  /** The pause before the first repetition. It doubles with each further one, to at most 10 seconds. By default 500 ms. */
  readonly pauseMs?: number;
  /** The longest `Retry-After` that is waited for. A longer one is thrown as the problem. By default 60 seconds. */
  readonly longestPauseMs?: number;
}

/** Options of one request. */
export interface RequestOptions {
  /** The Idempotency-Key. By default each call has a new one, which its repetitions keep. */
  readonly idempotencyKey?: string;
  /** Aborts the request and its repetitions. */
  readonly signal?: AbortSignal;
}

/** Options of a change. */
export interface ChangeOptions extends RequestOptions {
  /**
   * The `etag` of the version that is to be changed. If the object has another one by now, the problem `version_changed` (412) is
   * thrown and nothing changes.
   */
  readonly ifMatch?: string;
}

/** An answer together with what its response says. */
export interface WithResponse<T> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
  /** The version of the object, for `ifMatch`, or of the file. Null if the answer has none. */
  readonly etag: string | null;
}

/** The answer of a request that is under way. */
export interface PendingAnswer<T> extends Promise<T> {
  /** The answer with its status, its headers and its ETag. The request is sent only once. */
  withResponse(): Promise<WithResponse<T>>;
}

type Method = keyof Operations;
type Path<M extends Method> = keyof Operations[M] & string;
type Operation<M extends Method, P extends Path<M>> = Operations[M][P] & { args: object; answer: unknown };
/** The arguments of an operation: parameters of path and query by their names, and `body`. */
export type Args<M extends Method, P extends Path<M>> = Operation<M, P>['args'];
/** The answer of an operation. */
export type Answer<M extends Method, P extends Path<M>> = Operation<M, P>['answer'];
type Rest<A, O = RequestOptions> = Partial<A> extends A ? [args?: A, options?: O] : [args: A, options?: O];
type OptionsOf<M extends Method> = M extends 'patch' ? ChangeOptions : RequestOptions;
type Call<M extends Method> = <P extends Path<M>>(
  path: P,
  ...rest: Rest<Args<M, P>, OptionsOf<M>>
) => PendingAnswer<Answer<M, P>>;

interface Page<T> {
  data: T[];
  next_cursor: string | null;
}
/** The paths of lists. */
export type ListPath = {
  [P in Path<'get'>]: Answer<'get', P> extends Page<unknown> ? P : never;
}[Path<'get'>];
/** An entry of a list. */
export type Entry<P extends ListPath> = Answer<'get', P> extends Page<infer T> ? T : never;

/** A client of the API. A path is written as in the reference, `/v1/invoices/{id}`; its arguments fill the braces. */
export interface TenorClient {
  readonly get: Call<'get'>;
  readonly post: Call<'post'>;
  readonly put: Call<'put'>;
  readonly patch: Call<'patch'>;
  readonly delete: Call<'delete'>;
  /** Reads the entries of a list, page by page, as the caller asks for them. */
  list<P extends ListPath>(path: P, ...rest: Rest<Args<'get', P>>): AsyncGenerator<Entry<P>, void>;
}

/** Creates a client. It keeps no connection of its own and needs no closing. */
export function createClient(options: ClientOptions): TenorClient {
  const call =
    <M extends Method>(method: M): Call<M> =>
    (path, ...[args, requestOptions]) =>
      pending(
        send(options, method.toUpperCase(), path, { ...args }, requestOptions ?? {}),
      ) as PendingAnswer<never>;
  const get = call('get');
  return {
    get,
    post: call('post'),
    put: call('put'),
    patch: call('patch'),
    delete: call('delete'),
    async *list<P extends ListPath>(path: P, ...[args, requestOptions]: Rest<Args<'get', P>>) {
      let cursor: string | null | undefined;
      do {
        const query = { limit: 100, ...args, ...(cursor === undefined ? {} : { cursor }) };
        const { data } = await send(options, 'GET', path, query, requestOptions ?? {});
        const page = data as Page<Entry<P>>;
        yield* page.data;
        cursor = page.next_cursor;
      } while (cursor !== null);
    },
  };
}

/** Reads all entries of a list. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of list) found.push(entry);
  return found;
}

function pending(sent: Promise<WithResponse<unknown>>): PendingAnswer<unknown> {
  const answer = sent.then(({ data }) => data);
  const withResponse = (): Promise<WithResponse<unknown>> => {
    answer.catch(() => undefined); // the caller gets the same error from `sent`
    return sent;
  };
  return Object.assign(answer, { withResponse });
}

/** Sends a request, and repeats it with the same key until it has an answer or all repetitions are used. */
async function send(
  options: ClientOptions,
  method: string,
  path: string,
  { body, ...args }: Readonly<Record<string, unknown>>,
  { idempotencyKey = crypto.randomUUID(), signal, ifMatch }: ChangeOptions,
): Promise<WithResponse<unknown>> {
  const {
    baseUrl,
    apiKey,
    retries = 4,
    timeLimitMs = 60_000,
    pauseMs = 500,
    longestPauseMs = 60_000,
  } = options;
  const key = method === 'GET' ? undefined : idempotencyKey;
  const url = urlOf(baseUrl, path, args);
  const request = {
    method,
    redirect: 'manual' as const,
    // `Headers` refuses values that cannot be sent, before anything is sent.
    headers: new Headers({
      authorization: `Bearer ${apiKey}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  for (let attempt = 0; ; attempt += 1) {
    const limit = AbortSignal.timeout(timeLimitMs);
    const answer = await read(url, {
      ...request,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      return new TenorUnreachable(`${method} ${path}`, key, error);
    });
    if (!(answer instanceof Error) && isAnswer(answer.response)) {
      const { status, headers } = answer.response;
      return { data: valueOf(answer), status, headers, etag: headers.get('etag') };
    }
    const failure =
      answer instanceof Error ? answer : new TenorProblem(`${method} ${path}`, answer.response, answer.text);
    const retryAfterMs = failure instanceof TenorProblem ? failure.retryAfterMs : undefined;
    const repeatable = failure instanceof TenorUnreachable || failure.mayBeRepeated;
    if (!repeatable || attempt >= retries || (retryAfterMs ?? 0) > longestPauseMs) throw failure;
    const backoff = Math.min(10_000, pauseMs * 2 ** attempt) * (0.5 + Math.random() / 2);
    await pause(Math.max(retryAfterMs ?? 0, backoff), signal);
  }
}

interface Read {
  readonly response: Response;
  readonly text: string;
  /** The bytes of a file; null for any other answer. */
  readonly file: Uint8Array | null;
}

async function read(url: string, request: RequestInit): Promise<Read> {
  const response = await fetch(url, request);
  if (!isOf(response, FILE)) return { response, text: await response.text(), file: null };
  return { response, text: '', file: new Uint8Array(await response.arrayBuffer()) };
}

const FILE = /^(application\/pdf\b|image\/)/;
const TEXT = /^text\/(plain|csv)\b/;
const ANSWER = /^(application\/(json|pdf)|text\/(plain|csv)|image\/\w+)\b/;
function isOf({ headers }: Response, types: RegExp): boolean {
  return types.test(headers.get('content-type') ?? '');
}

/** Whether a response has the form of Tenor's answers. A page of a proxy has not, and neither has a file that is not ready. */
function isAnswer(response: Response): boolean {
  const { ok, status, headers } = response;
  if (!ok || (status === 202 && headers.has('retry-after'))) return false;
  return status === 204 || isOf(response, ANSWER);
}

function valueOf({ response, text, file }: Read): unknown {
  if (response.status === 204) return undefined;
  if (file !== null) return file;
  return isOf(response, TEXT) ? text : JSON.parse(text);
}

/** Fills the braces of a path with arguments. All other arguments become the query. */
function urlOf(baseUrl: string, path: string, args: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  const names = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  for (const [name, value] of Object.entries(args)) {
    if (names.has(name) || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value])
      query.append(name, `${each as string | number | boolean}`);
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segmentOf(path, name, args[name]));
  return `${baseUrl.replace(/\/+$/, '')}${filled}${query.size === 0 ? '' : `?${query.toString()}`}`;
}

/** An id as one segment of a path. An empty one or dots would lead to another path. */
function segmentOf(path: string, name: string, value: unknown): string {
  if (typeof value !== 'string' || /^(\.{0,2})$/.test(value)) {
    throw new TypeError(`${name} of ${path} cannot be ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}
