// A receiver of webhooks: a real server on loopback that answers as a test says, and keeps what it got.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read bodies by their documented paths
  readonly event: any;
}

/** A status, or a status with headers. */
type Answer = number | { readonly status: number; readonly headers: Readonly<Record<string, string>> };
type Answering = (webhook: Received) => Answer | Promise<Answer>;

export interface Receiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly received: Received[];
  /** Decides the status of the next answers. A promise delays the answer. */
  answer(by: Answering): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let by: Answering = () => 200;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts).toString();
      const headers = request.headers as Record<string, string>;
      const webhook: Received = { id: headers['webhook-id'] ?? '', headers, raw, event: JSON.parse(raw) };
      received.push(webhook);
      void Promise.resolve(by(webhook)).then((answer) => {
        const { status, headers: own } =
          typeof answer === 'number' ? { status: answer, headers: {} } : answer;
        response.writeHead(status, own).end('seen');
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (next) => void (by = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
