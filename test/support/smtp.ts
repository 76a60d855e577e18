// An SMTP server on the loopback address that tests own: it keeps every mail that it accepts.
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface TestSmtp {
  readonly port: number;
  /** The mails that it accepted, with the addresses of their envelopes. */
  readonly mails: readonly (ParsedMail & { readonly envelope: readonly string[] })[];
  stop(): Promise<void>;
}

/** Starts a server. Port 0 takes any free one. */
export async function startSmtp(options: SMTPServerOptions = {}, at = 0): Promise<TestSmtp> {
  const mails: (ParsedMail & { envelope: string[] })[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, callback) {
      simpleParser(stream).then((parsed) => {
        mails.push({ ...parsed, envelope: session.envelope.rcptTo.map(({ address }) => address) });
        callback(null, 'queued');
      }, callback);
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A server that speaks as `onSocket` says. It has closed all of its connections when it is stopped. */
export async function startRaw(onSocket: (socket: Socket) => void): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
