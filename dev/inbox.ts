// An inbox for development: an SMTP server that keeps mails in memory instead of sending them, and pages that show them.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { LOOPBACK } from './embedded/ports.ts';

export interface Inbox {
  /** The page with all mails. */
  readonly url: string;
  /** The SMTP server, as TENOR_SMTP_URL names it. */
  readonly smtpUrl: string;
  /** The mails that it keeps, oldest first. */
  readonly mails: readonly ParsedMail[];
  stop(): Promise<void>;
}

/** How many mails it keeps. Older ones are dropped. */
const MOST_MAILS = 1_000;

/** Starts the inbox on free ports of the loopback address. */
export async function startInbox(): Promise<Inbox> {
  const mails: ParsedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, _, callback) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        if (mails.length > MOST_MAILS) mails.shift();
        callback();
      }, callback);
    },
  });
  // A client that went away is no reason to end.
  smtp.on('error', () => undefined);
  const pages = createServer((request, response) => show(mails, request, response));
  await new Promise<void>((resolve) => smtp.listen(0, LOOPBACK, resolve));
  await new Promise<void>((resolve) => pages.listen(0, LOOPBACK, resolve));
  return {
    url: `http://${LOOPBACK}:${portOf(pages)}`,
    smtpUrl: `smtp://${LOOPBACK}:${(smtp.server.address() as AddressInfo).port}?tls=disable`,
    mails,
    async stop() {
      const closed = [
        new Promise<void>((resolve) => smtp.close(() => resolve())),
        new Promise<void>((resolve) => pages.close(() => resolve())),
      ];
      pages.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Nothing in a mail may run or be loaded. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; sandbox allow-popups";

/** Answers `/`, `/<n>` (a mail), `/<n>/html` (its HTML) and `/<n>/<k>` (an attachment). Mails are numbered from 1. */
function show(mails: readonly ParsedMail[], { url = '/' }: IncomingMessage, response: ServerResponse): void {
  const send = (type: string, body: string | Buffer, status = 200): void => {
    response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY });
    response.end(body);
  };
  const html = (title: string, body: string): void => send('text/html; charset=utf-8', page(title, body));
  const [, n, part] = /^\/(\d+)(?:\/(html|\d+))?$/.exec(url) ?? [];
  const mail = n === undefined ? undefined : mails[Number(n) - 1];
  if (url === '/') return html(`${mails.length} mails`, list(mails));
  if (mail === undefined) return send('text/plain', 'There is no such page.', 404);
  if (part === undefined) return html(mail.subject ?? '', detail(Number(n), mail));
  if (part === 'html')
    return send('text/html; charset=utf-8', typeof mail.html === 'string' ? mail.html : '');
  const file = mail.attachments[Number(part) - 1];
  if (file === undefined) return send('text/plain', 'There is no such file.', 404);
  return send(file.contentType, file.content);
}

function list(mails: readonly ParsedMail[]): string {
  const rows = mails.map(
    (
      mail,
      index,
    ) => `<tr><td>${mail.date?.toISOString().slice(0, 19) ?? ''}</td><td>${escape(addresses(mail.to))}</td>
      <td><a href="/${index + 1}">${escape(mail.subject ?? '(no subject)')}</a></td></tr>`,
  );
  return `<table><tr><th>sent</th><th>to</th><th>subject</th></tr>${rows.toReversed().join('')}</table>`;
}

function detail(n: number, mail: ParsedMail): string {
  const heads: readonly [name: string, value: string][] = [
    ['From', mail.from?.text ?? ''],
    ['Reply-To', mail.replyTo?.text ?? ''],
    ['To', addresses(mail.to)],
    ['Cc', addresses(mail.cc)],
    ['Message-ID', mail.messageId ?? ''],
  ];
  const head = heads.map(([name, value]) => `<tr><th>${name}</th><td>${escape(value)}</td></tr>`).join('');
  const files = mail.attachments.map(
    ({ filename, size }, k) =>
      `<li><a href="/${n}/${k + 1}">${escape(filename ?? 'file')}</a>, ${size} bytes</li>`,
  );
  return `<p><a href="/">All mails</a></p><table>${head}</table><ul>${files.join('')}</ul>
    <h2>Text</h2><pre>${escape(mail.text ?? '')}</pre><h2>HTML</h2><iframe sandbox src="/${n}/html"></iframe>`;
}

function addresses(of: AddressObject | AddressObject[] | undefined): string {
  return [of ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}

function page(title: string, body: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"><title>${escape(title)}</title><style>
    body { font-family: sans-serif; margin: 2em; } th { text-align: left; padding-right: 2em; } td { padding-right: 2em; }
    iframe { width: 100%; height: 30em; border: 1px solid #ccc; } pre { background: #f5f5f5; padding: 1em; }
    </style></head><body><h1>${escape(title)}</h1>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
