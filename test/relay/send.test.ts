// Webhooks are sent to real servers on loopback, which fail in every way that a server can.
import { type Socket, createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Server as TcpServer, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Sender, type SenderOptions, type Try, createSender } from '../../relay/webhooks/send.ts';

/** A certificate that its own key has signed, for another name than that of the server. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUBXD8pbmycIZAn8h8E1YkPh6RFUkwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRZWxzZXdoZXJlLmV4YW1wbGUwIBcNMjYxMTMwMjE0ODA1WhgP
MjEyNjExMDYyMTQ4MDVaMBwxGjAYBgNVBAMMEWVsc2V3aGVyZS5leGFtcGxlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeqEIvgwvcVj8CeyQ3z1H69xsf7Y7P9gD
arfwSZn8s9HQLrmGnXGJHKpFwbzU0I+4eUKF9sWG32Ddo45tCLdFRqNxMG8wHQYD
VR0OBBYEFOBe8NtEikmwGa/Qce+NAJ2rRjwcMB8GA1UdIwQYMBaAFOBe8NtEikmw
Ga/Qce+NAJ2rRjwcMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRZWxzZXdo
ZXJlLmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIgQDF1M4kpYS97qFdb3jeNKT54
pudGLixRO3fswyLBU+cCIQDL5LD+aZBmTvf7O2sc4ZAzqDewIqf4RRFUT+i+2WhC
ew==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRldbOZ/ZTyH5Otrh
NZ1cNBpV7QVQlctJJUEbV89pIAuhRANCAAR6oQi+DC9xWPwJ7JDfPUfr3Gx/tjs/
2ANqt/BJmfyz0dAuuYadcYkcqkXBvNTQj7h5QoX2xYbfYN2jjm0It0VG
-----END PRIVATE KEY-----
`;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function sender(options: Partial<SenderOptions> = {}): Sender {
  const made = createSender({ targets: 'any', ...options });
  open.unshift(made);
  return made;
}

async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return (server.address() as AddressInfo).port;
}

/** Starts a server that answers each request in this way. Returns its URL. */
async function answering(
  status: number,
  {
    body = '',
    headers = {},
    onRequest = () => undefined,
  }: {
    body?: string;
    headers?: Record<string, string>;
    onRequest?: (request: { url: string; body: string; headers: Record<string, unknown> }) => void;
  } = {},
): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      onRequest({ url: request.url ?? '', body: Buffer.concat(parts).toString(), headers: request.headers });
      response.writeHead(status, headers).end(body);
    });
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

/** Starts a name server that answers questions for IPv4 addresses with these lists, one after the other. */
async function nameServer(
  answers: readonly (readonly string[])[],
): Promise<{ server: string; asked: string[] }> {
  const asked: string[] = [];
  const socket: Socket = createSocket('udp4', (question, from) => {
    const end = question.indexOf(0, 12);
    const labels: string[] = [];
    for (let at = 12; at < end; at += 1 + question[at]!) {
      labels.push(question.subarray(at + 1, at + 1 + question[at]!).toString());
    }
    const isForIpv4 = question.readUInt16BE(end + 1) === 1;
    if (isForIpv4) asked.push(labels.join('.'));
    const addresses = isForIpv4 ? (answers[asked.length - 1] ?? []) : [];
    const header = Buffer.from([
      ...question.subarray(0, 2),
      0x81,
      0x80,
      0,
      1,
      0,
      addresses.length,
      0,
      0,
      0,
      0,
    ]);
    // Each answer names the question by its place, and has type A, class IN, a lifetime of 0 and four bytes.
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question.subarray(12, end + 5), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push({ close: () => void socket.close() });
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}

const send = (by: Sender, url: string): Promise<Try> =>
  by.send({ url, headers: { 'webhook-id': 'evt_1' }, body: '{"id":"evt_1"}' });

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('with status %s accepts the webhook', async (status) => {
    const seen: object[] = [];
    const url = await answering(status, { onRequest: (request) => void seen.push(request) });
    expect(await send(sender(), `${url}/hooks?a=1`)).toMatchObject({ accepted: true, status, error: null });
    expect(seen).toMatchObject([
      {
        url: '/hooks?a=1',
        body: '{"id":"evt_1"}',
        headers: { 'webhook-id': 'evt_1', 'content-type': 'application/json' },
      },
    ]);
  });

  it.each([400, 404, 410, 429, 500, 503])('with status %s does not', async (status) => {
    const url = await answering(status, { body: 'not now' });
    expect(await send(sender(), url)).toMatchObject({
      accepted: false,
      status,
      error: `the answer has the status ${status}`,
      answer: 'not now',
    });
  });

  it('that redirects is a failure, and the other address gets no request', async () => {
    let requests = 0;
    const secret = await answering(200, { onRequest: () => void (requests += 1) });
    const url = await answering(302, { headers: { location: `${secret}/metadata` } });
    expect(await send(sender(), url)).toMatchObject({
      accepted: false,
      status: 302,
      error: 'the answer has the status 302: redirects are not followed',
    });
    expect(requests).toBe(0);
  });

  it('of many megabytes is read only at its beginning', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour).on('error', () => undefined);
      pour();
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    const { accepted, answer } = await send(sender(), url);
    expect([accepted, answer]).toEqual([true, 'x'.repeat(500)]);
  });
});

describe('a failure', () => {
  it('of an endpoint that accepts the connection and never answers ends after the time of a try', async () => {
    const url = `http://127.0.0.1:${await listening(createServer(() => undefined))}`;
    expect(await send(sender({ tryMs: 300 }), url)).toMatchObject({
      accepted: false,
      status: null,
      error: 'no answer within 0.3 seconds',
    });
  });

  it('of an endpoint that closes the connection is a failure', async () => {
    const url = `http://127.0.0.1:${await listening(createTcpServer((socket) => void socket.destroy()))}`;
    expect(await send(sender(), url)).toMatchObject({ accepted: false, status: null });
  });

  it('of an endpoint at which nothing listens is a failure', async () => {
    const closed = createServer();
    const port = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await send(sender(), `http://127.0.0.1:${port}`)).toMatchObject({
      error: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it('of an endpoint with a certificate that nobody trusts is a failure, and nothing is sent', async () => {
    let requests = 0;
    const server = createTlsServer({ cert: CERTIFICATE, key: KEY }, (_, response) => {
      requests += 1;
      response.end();
    });
    const url = `https://127.0.0.1:${await listening(server)}`;
    const { accepted, error } = await send(sender(), url);
    expect(accepted).toBe(false);
    expect(error).toMatch(/self-signed certificate/);
    expect(requests).toBe(0);
  });

  it('of a name without an address names it', async () => {
    expect(await send(sender(), 'http://no-such-name.invalid/')).toMatchObject({
      accepted: false,
      error: expect.stringMatching(/no-such-name\.invalid/),
    });
  });
});

describe('if only public addresses are allowed', () => {
  it.each(['https://127.0.0.1/', 'https://[::1]/', 'https://[::ffff:7f00:1]/', 'https://169.254.169.254/'])(
    '%s gets no connection',
    async (url) => {
      const { accepted, error } = await send(sender({ targets: 'public' }), url);
      expect(accepted).toBe(false);
      expect(error).toMatch(/has no public address$/);
    },
  );

  it('plain http is refused', async () => {
    expect(await send(sender({ targets: 'public' }), 'http://example.com/')).toMatchObject({
      error: 'only https is allowed',
    });
  });

  it('a name that resolves to a private address the second time gets no connection', async () => {
    let connections = 0;
    const port = await listening(createTcpServer(() => void (connections += 1)));
    // The first answer is a public address, as a check in advance would see it.
    const { server, asked } = await nameServer([['93.184.215.14'], ['127.0.0.1']]);
    const before = new Resolver();
    before.setServers([server]);
    expect(await before.resolve4('hooks.example')).toEqual(['93.184.215.14']);
    const { error } = await send(
      sender({ targets: 'public', nameServers: [server] }),
      `https://hooks.example:${port}/`,
    );
    expect(error).toBe('hooks.example has no public address');
    expect([asked, connections]).toEqual([['hooks.example', 'hooks.example'], 0]);
  });

  it('a name with several addresses gets a connection only to the public ones', async () => {
    const { server } = await nameServer([['10.0.0.1', '169.254.169.254']]);
    const { error } = await send(
      sender({ targets: 'public', nameServers: [server] }),
      'https://hooks.example/',
    );
    expect(error).toBe('hooks.example has no public address');
  });

  it('a name that no name server knows is named in the error', async () => {
    const { server } = await nameServer([]);
    const { error } = await send(
      sender({ targets: 'public', nameServers: [server] }),
      'https://hooks.example/',
    );
    expect(error).toBe('the name hooks.example has no address');
  });
});
