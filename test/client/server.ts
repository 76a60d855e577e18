// A local HTTP server that answers with a prepared list and remembers the requests.
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A prepared answer. `hang up` closes the connection without one, and `stay silent` never answers. */
type Prepared =
  | 'hang up'
  | 'stay silent'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown };

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface LocalServer {
  readonly url: string;
  /** The requests since the last `prepare`. */
  readonly seen: Seen[];
  prepare(...answers: readonly Prepared[]): void;
  stop(): Promise<void>;
}

/** Starts the server. It answers in the prepared order, and 500 when nothing is prepared. */
export async function startLocalServer(): Promise<LocalServer> {
  const seen: Seen[] = [];
  const prepared: Prepared[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      const answer = prepared.shift() ?? { status: 500 };
      if (answer === 'hang up') return request.socket.destroy();
      if (answer === 'stay silent') return undefined;
      const json = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
      response.writeHead(answer.status, { 'content-type': type, ...answer.headers });
      return response.end(answer.body === undefined ? undefined : json);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    prepare: (...answers) => {
      seen.length = 0;
      prepared.splice(0, prepared.length, ...answers);
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
