import { type Server, createServer } from 'node:http';

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  /** Why the process should get no work now; null if it can work. */
  readonly notReady: () => Promise<string | null>;
}

/** Answers /healthz and /readyz of a process that has no API. */
export async function startProbes({
  host,
  port,
  notReady,
}: ProbeOptions): Promise<{ stop(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/healthz') answer(200, { status: 'ok' });
    else if (request.url === '/readyz')
      notReady().then(
        (reason) =>
          reason === null ? answer(200, { status: 'ready' }) : answer(503, { status: 'not_ready', reason }),
        (error: unknown) => answer(503, { status: 'not_ready', reason: String(error) }),
      );
    else answer(404, {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
