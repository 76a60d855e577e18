import { type Server, createServer } from 'node:http';

interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  /** The reason why the process should get no work now. Null if it can work. */
  readonly notReady: () => Promise<string | null>;
  /** The reason why the process should be restarted. Null if it is alive. */
  readonly notAlive?: () => string | null;
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

type Answer = readonly [status: number, body: object | string];

/** Answers /healthz, /readyz and /metrics on a port of its own, which only operators should reach. */
async function startProbes(options: ProbeOptions): Promise<{ stop(): Promise<void> }> {
  const { host, port } = options;
  const server: Server = createServer((request, response) => {
    answerTo(options, request.url)
      .catch((error: unknown): Answer => [503, { status: 'not_ready', reason: String(error) }])
      .then(([status, body]) =>
        typeof body === 'string'
          ? response
              .writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
              .end(body)
          : response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      )
      .catch(() => response.destroy());
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

async function answerTo(
  { notReady, notAlive = () => null, metrics }: ProbeOptions,
  url: string | undefined,
): Promise<Answer> {
  if (url === '/metrics') return [200, await metrics()];
  if (url === '/healthz') {
    const reason = notAlive();
    return reason === null ? [200, { status: 'ok' }] : [503, { status: 'not_alive', reason }];
  }
  if (url === '/readyz') {
    const reason = await notReady();
    return reason === null ? [200, { status: 'ready' }] : [503, { status: 'not_ready', reason }];
  }
  return [404, {}];
}

/** Starts the probes of a process, if its configuration has a port for them. */
export async function probesOf(
  { host, probePort }: { readonly host: string; readonly probePort: number | null },
  probes: Omit<ProbeOptions, 'host' | 'port'>,
): Promise<{ stop(): Promise<void> } | null> {
  return probePort === null ? null : startProbes({ host, port: probePort, ...probes });
}
