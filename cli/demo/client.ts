/** The public API, as any caller has it: JSON in, JSON out, every POST under a key of its own. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** All pages of a list. */
  list<T>(path: string): Promise<T[]>;
}

let keys = 0;

export function createClient(apiUrl: string, apiKey: string): ApiClient {
  const run = `demo-${process.pid}-${Date.now()}`;
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': `${run}-${++keys}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
  return {
    get: (path) => call('GET', path),
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
