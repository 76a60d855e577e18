import { createServer } from 'node:net';

const SCRAPED_WITHIN_MS = 2_000;

/** Finds a free loopback address for the metrics exporter of Temporal's SDK, which cannot choose one. Only `readExporter` reads it. */
export async function exporterAddress(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** The metrics of Temporal's SDK, in Prometheus' text format; empty if its exporter does not answer within two seconds. */
export async function readExporter(address: string): Promise<string> {
  try {
    const answer = await fetch(`http://${address}/metrics`, {
      signal: AbortSignal.timeout(SCRAPED_WITHIN_MS),
    });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
}
