import { setTimeout as delay } from 'node:timers/promises';

/** The public API, as any caller has it: JSON in, JSON out, every POST under a key of its own. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  /** What is answered as plain text. */
  text(path: string): Promise<string>;
  post<T>(path: string, body: object): Promise<T>;
  /** All pages of a list. */
  list<T>(path: string): Promise<T[]>;
}

let keys = 0;

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

/** Asks again when a limit says so: under its Idempotency-Key that is safe. */
async function askPatiently(url: string, request: RequestInit): Promise<Response> {
  for (;;) {
    const response = await fetch(url, request);
    if (response.status !== 429) return response;
    await delay(1_000 * Number(response.headers.get('retry-after') ?? 1));
  }
}
