// Mails to real SMTP servers, some of which fail.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { pickPort } from '../../dev/embedded/ports.ts';
import type { Mailer, OutgoingMail } from '../../mail/port.ts';
import { type SmtpOptions, createMailer } from '../../mail/smtp.ts';
import { startRaw, startSmtp } from '../support/smtp.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

function mailerTo(port: number, more: Partial<SmtpOptions> = {}): Mailer {
  const mailer = createMailer({
    host: '127.0.0.1',
    port,
    tls: 'none',
    login: null,
    from: 'tenor@billing.example',
    withinMs: 2_000,
    ...more,
  });
  open.push(() => mailer.close());
  return mailer;
}

const MAIL: OutgoingMail = {
  id: 'mai_1',
  from: { name: 'Wölkenwerk, "Cloud" <GmbH>', address: 'rechnung@wolkenwerk.example' },
  replyTo: 'support@wolkenwerk.example',
  to: ['erika@muster.example', 'buchhaltung@muster.example'],
  cc: ['chef@muster.example'],
  subject: 'Ihre Rechnung für März',
  text: 'Guten Tag',
  html: '<p>Guten Tag</p>',
  attachments: [{ filename: 'INV-1.pdf', contentType: 'application/pdf', bytes: Buffer.from('%PDF') }],
};

it('a mail has its sender, reply-to, recipients, texts and attachment, and its Message-ID comes from its row', async () => {
  const smtp = await startSmtp();
  open.push(smtp.stop);
  const sent = await mailerTo(smtp.port).send(MAIL);
  expect(sent).toEqual({ outcome: 'accepted', reply: 250, detail: null });
  const [mail] = smtp.mails;
  expect(mail?.messageId).toBe('<mai_1@billing.example>');
  expect(mail?.from?.value).toEqual([{ name: MAIL.from.name, address: MAIL.from.address }]);
  expect(mail?.replyTo?.value[0]?.address).toBe('support@wolkenwerk.example');
  expect(mail?.envelope).toEqual([...MAIL.to, ...MAIL.cc]);
  expect(mail?.subject).toBe(MAIL.subject);
  expect(mail?.text?.trim()).toBe('Guten Tag');
  expect(mail?.html).toBe('<p>Guten Tag</p>');
  expect(mail?.attachments.map(({ filename, content }) => [filename, String(content)])).toEqual([
    ['INV-1.pdf', '%PDF'],
  ]);
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
});

describe('a mail server', () => {
  it('that is down cannot be reached', async () => {
    const sent = await mailerTo(await pickPort()).send(MAIL);
    expect(sent).toMatchObject({ outcome: 'unreachable', reply: null });
  });

  it('that refuses the recipients refuses the mail permanently, and its reply is kept without addresses', async () => {
    const smtp = await startSmtp({
      onRcptTo: ({ address }, _, callback) =>
        callback(Object.assign(new Error(`5.1.1 <${address}> is unknown`), { responseCode: 550 })),
    });
    open.push(smtp.stop);
    const sent = await mailerTo(smtp.port).send(MAIL);
    expect(sent).toMatchObject({ outcome: 'refused', reply: 550 });
    expect(sent.detail).toContain('5.1.1 <…> is unknown');
    expect(sent.detail).not.toContain('muster.example');
  });

  it('that refuses one of several recipients gets the mail for the others', async () => {
    const smtp = await startSmtp({
      onRcptTo: ({ address }, _, callback) =>
        callback(address.startsWith('chef') ? Object.assign(new Error('no'), { responseCode: 550 }) : null),
    });
    open.push(smtp.stop);
    const sent = await mailerTo(smtp.port).send(MAIL);
    expect(sent).toEqual({
      outcome: 'accepted',
      reply: 250,
      detail: 'the server refused 1 of the recipients',
    });
    expect(smtp.mails.map(({ envelope }) => envelope)).toEqual([MAIL.to]);
  });

  it('that asks to come back later defers the mail', async () => {
    const smtp = await startSmtp({
      onRcptTo: (_, __, callback) => callback(Object.assign(new Error('greylisted'), { responseCode: 451 })),
    });
    open.push(smtp.stop);
    expect(await mailerTo(smtp.port).send(MAIL)).toMatchObject({ outcome: 'deferred', reply: 451 });
  });

  it('that refuses the content refuses the mail permanently', async () => {
    const smtp = await startSmtp({
      onData(stream, _, callback) {
        stream.resume().on('end', () => callback(Object.assign(new Error('spam'), { responseCode: 554 })));
      },
    });
    open.push(smtp.stop);
    expect(await mailerTo(smtp.port).send(MAIL)).toMatchObject({ outcome: 'refused', reply: 554 });
  });

  it('that refuses the sign-in cannot be reached, as this is no fault of the mail', async () => {
    const smtp = await startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_, __, callback) => callback(null, {}),
    });
    open.push(smtp.stop);
    const login = { user: 'tenor', password: 'wrong' };
    const sent = await mailerTo(smtp.port, { login }).send(MAIL);
    expect(sent).toMatchObject({ outcome: 'unreachable', reply: 535 });
  });

  it('that accepts the connection and says nothing is given up in time', async () => {
    const silent = await startRaw(() => undefined);
    open.push(silent.stop);
    const sent = await mailerTo(silent.port, { withinMs: 300 }).send(MAIL);
    expect(sent).toMatchObject({ outcome: 'unreachable', reply: null });
  });

  it('that reads the whole mail and says nothing is given up in time', async () => {
    const smtp = await startSmtp({ onData: (stream) => void stream.resume() });
    open.push(smtp.stop);
    const sent = await mailerTo(smtp.port, { withinMs: 500 }).send(MAIL);
    expect(sent).toMatchObject({ outcome: 'unreachable', reply: null });
  });

  it('that closes the connection in the middle gets the mail once, as each repetition is a try of its own', async () => {
    let connections = 0;
    const closing = await startRaw((socket) => {
      connections += 1;
      socket.write('220 closing.example ESMTP\r\n');
      socket.on('data', (data) => {
        const line = String(data);
        if (/^EHLO/i.test(line)) socket.write('250 closing.example\r\n');
        else if (/^(MAIL|RCPT)/i.test(line)) socket.write('250 ok\r\n');
        else if (/^DATA/i.test(line)) socket.write('354 go on\r\n');
        else socket.destroy();
      });
    });
    open.push(closing.stop);
    const sent = await mailerTo(closing.port).send({ ...MAIL, to: [MAIL.to[0]!], cc: [] });
    expect(sent).toMatchObject({ outcome: 'unreachable', reply: null });
    expect(connections).toBe(1);
  });

  it('that is back gets the next mails', async () => {
    const port = await pickPort();
    const mailer = mailerTo(port);
    expect(await mailer.send(MAIL)).toMatchObject({ outcome: 'unreachable' });
    const smtp = await startSmtp({}, port);
    open.push(smtp.stop);
    expect(await mailer.send(MAIL)).toMatchObject({ outcome: 'accepted' });
    expect(await mailer.send({ ...MAIL, id: 'mai_2' })).toMatchObject({ outcome: 'accepted' });
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([
      '<mai_1@billing.example>',
      '<mai_2@billing.example>',
    ]);
  });
});

describe('a line break', () => {
  it.each<[string, Partial<OutgoingMail>]>([
    ['in the name of the sender', { from: { name: 'A\r\nBcc: x@evil.example', address: MAIL.from.address } }],
    ['in the subject', { subject: 'Invoice\nBcc: x@evil.example' }],
    ['in an address', { to: ['erika@muster.example\r\nBcc: x@evil.example'] }],
    ['in the name of a file', { attachments: [{ ...MAIL.attachments[0]!, filename: 'a\r\nb.pdf' }] }],
  ])('%s is refused before anything is sent', async (_, wrong) => {
    const smtp = await startSmtp();
    open.push(smtp.stop);
    const sent = await mailerTo(smtp.port).send({ ...MAIL, ...wrong });
    expect(sent).toMatchObject({ outcome: 'refused', reply: null });
    expect(smtp.mails).toEqual([]);
  });

  it('is not needed to add a recipient: a list in one address is refused, too', async () => {
    const smtp = await startSmtp();
    open.push(smtp.stop);
    const sent = await mailerTo(smtp.port).send({ ...MAIL, to: ['a@muster.example, b@evil.example'] });
    expect(sent).toMatchObject({ outcome: 'refused' });
    expect(smtp.mails).toEqual([]);
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenor-smtp-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request =
    'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost';
  execFileSync('openssl', [...request.split(' '), '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  rmSync(folder, { recursive: true });

  it.each([
    ['from the first byte', { secure: true }, 'start'],
    ['by STARTTLS', {}, 'upgrade'],
  ] as const)('%s is used with a certificate that a known authority signed', async (_, server, tls) => {
    const smtp = await startSmtp({ ...server, key, cert, disabledCommands: [] });
    open.push(smtp.stop);
    const known = mailerTo(smtp.port, { host: 'localhost', tls, ca: cert });
    expect(await known.send(MAIL)).toMatchObject({ outcome: 'accepted' });
    const unknown = mailerTo(smtp.port, { host: 'localhost', tls });
    expect(await unknown.send(MAIL)).toMatchObject({ outcome: 'unreachable' });
    expect(smtp.mails).toHaveLength(1);
  });

  it('is required: a server without STARTTLS gets no mail', async () => {
    const smtp = await startSmtp();
    open.push(smtp.stop);
    expect(await mailerTo(smtp.port, { tls: 'upgrade' }).send(MAIL)).toMatchObject({
      outcome: 'unreachable',
    });
    expect(smtp.mails).toEqual([]);
  });
});
