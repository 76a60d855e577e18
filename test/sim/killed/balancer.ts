// A load balancer: one address for several APIs. Each connection goes to the next API that accepts it.
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface Balancer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Listens on loopback, and forwards to the ports in turn. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const forward = async (near: Socket): Promise<void> => {
    keep(near);
    const first = turn++;
    for (let n = 0; n < ports.length; n++) {
      const far = await connected(ports[(first + n) % ports.length]!);
      if (far === null) continue;
      keep(far);
      near.pipe(far);
      far.pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      if (near.destroyed) far.destroy();
      return;
    }
    near.destroy();
  };
  const server = createServer((near) => void forward(near));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Connects to a port. Returns null if no process listens there. */
function connected(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket)).once('error', () => resolve(null));
  });
}
