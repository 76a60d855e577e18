// A proxy to a server that can delay, drop or close connections, as networks do.
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface Proxy {
  /** The URL of the server through the proxy. */
  readonly url: string;
  /** Delays everything from the server by `ms` milliseconds from now on. */
  delay(ms: number): void;
  /** Drops everything in both directions, also on new connections, and closes nothing. */
  silence(): void;
  /** Ends the silence. Data that was dropped never arrives. */
  speak(): void;
  /** Closes all connections, and accepts new ones. */
  cut(): void;
  stop(): Promise<void>;
}

/** Listens on loopback, and forwards to the host and port of a URL. */
export async function startProxy(to: string): Promise<Proxy> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let [ms, silent] = [0, false];
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const forward = (from: Socket, into: Socket, later: () => number): void => {
    from.on('data', (bytes) => {
      if (silent) return;
      const wait = later();
      if (wait === 0) into.write(bytes);
      else setTimeout(() => into.write(bytes), wait); // in order, as all wait equally long
    });
    from.on('close', () => {
      if (!silent) into.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    keep(near);
    keep(far);
    forward(near, far, () => 0);
    forward(far, near, () => ms);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    delay: (by) => (ms = by),
    silence: () => (silent = true),
    speak: () => (silent = false),
    cut,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
