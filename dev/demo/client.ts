import { setTimeout as delay } from 'node:timers/promises';

/** A client of the public API. Every POST has its own Idempotency-Key. Its methods throw on refusals. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  /** Reads an answer in plain text. */
  text(path: string): Promise<string>;
  post<T>(path: string, body: object): Promise<T>;
  /** Reads all pages of a list. */
  list<T>(path: string): Promise<T[]>;
}

let keys = 0;

/** Creates a client with an API key. */
export function createClient(apiUrl: string, apiKey: string): ApiClient {
  const run = `demo-${process.pid}-${Date.now()}`;
  async function send(method: string, path: string, body?: object): Promise<string> {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'idempotency-key': `${run}-${++keys}` }),
    };
    const response = await askPatiently(`${apiUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text;
  }
  const call = async <T>(...request: Parameters<typeof send>): Promise<T> =>
    JSON.parse(await send(...request)) as T;
  return {
    get: (path) => call('GET', path),
    text: (path) => send('GET', path),
    post: (path, body) => call('POST', path, body),
    async list<T>(path: string): Promise<T[]> {
      const found: T[] = [];
      for (let cursor = ''; ;) {
        const separator = path.includes('?') ? '&' : '?';
        const page = await call<{ data: T[]; next_cursor: string | null }>(
          'GET',
          `${path}${separator}limit=100${cursor}`,
        );
        found.push(...page.data);
        if (page.next_cursor === null) return found;
        cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
      }
    },
  };
}

/** Repeats a request that a limit refused, after the time in Retry-After. The Idempotency-Key makes that safe. */
async function askPatiently(url: string, request: RequestInit): Promise<Response> {
  for (;;) {
    const response = await fetch(url, request);
    if (response.status !== 429) return response;
    await delay(1_000 * Number(response.headers.get('retry-after') ?? 1));
  }
}
