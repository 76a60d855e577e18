import { type SendMailOptions, createTransport } from 'nodemailer';
import { withoutAddresses } from '../domain/mails/server-replies.ts';
import { ONE_LINE } from '../domain/text.ts';
import { type Mailer, type OutgoingMail, type SendResult, messageIdOf } from './port.ts';

/** The SMTP server of an installation. */
export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** `start`: TLS from the first byte. `upgrade`: STARTTLS, which the server must offer. `none`: no TLS. */
  readonly tls: 'start' | 'upgrade' | 'none';
  readonly login: { readonly user: string; readonly password: string } | null;
  /** The address from which the installation writes to operators. Its domain is that of all Message-IDs. */
  readonly from: string;
  /** The certificates that sign the server's. By default those of Node. */
  readonly ca?: string;
  /** How long one try may take, in milliseconds. */
  readonly withinMs?: number;
}

/** The longest time of a try. It is shorter than the lease of a claimed mail (`db/mails/queue.ts`). */
const SENT_WITHIN_MS = 30_000;
/** The longest time without an answer of the server. */
const SILENT_MS = 20_000;
/** The most connections to the server. */
const SMTP_CONNECTIONS = 5;

/** Creates the pool of connections to an SMTP server. It connects at the first mail. */
export function createMailer(options: SmtpOptions): Mailer {
  const { host, port, tls, login, from, ca, withinMs = SENT_WITHIN_MS } = options;
  const silent = Math.min(SILENT_MS, withinMs);
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'start',
    requireTLS: tls === 'upgrade',
    ignoreTLS: tls === 'none',
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    maxConnections: SMTP_CONNECTIONS,
    // A repetition is a try of its own, which the queue decides and records.
    maxRequeues: 0,
    // Shorter than servers usually wait, so that a mail rarely meets a connection that the server has closed.
    idleTimeout: 20_000,
    connectionTimeout: silent,
    greetingTimeout: silent,
    dnsTimeout: silent,
    socketTimeout: silent,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // The pool also reports here what `sendMail` throws.
  transport.on('error', () => undefined);
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    ownAddress: from,
    async send(mail) {
      const refusal = headerProblem(mail);
      if (refusal !== null) return { outcome: 'refused', reply: null, detail: refusal };
      try {
        const signal = AbortSignal.timeout(withinMs);
        return resultOf(await transport.sendMail({ ...messageOf(mail, domain), signal }));
      } catch (error) {
        return failureOf(error);
      }
    },
    close: () => transport.close({ force: true }),
  };
}

/** The reason why a header must not be sent: a line break in it could add headers and recipients. Null if all are valid. */
function headerProblem({ from, replyTo, to, cc, subject, attachments }: OutgoingMail): string | null {
  const headers: readonly [name: string, value: string][] = [
    ['From', from.name],
    ['Subject', subject],
    ...attachments.map(({ filename }): [string, string] => ['filename', filename]),
  ];
  const broken = headers.find(([, value]) => !ONE_LINE.test(value));
  if (broken !== undefined) return `the header ${broken[0]} is not one line of text`;
  const addresses = [from.address, ...(replyTo === null ? [] : [replyTo]), ...to, ...cc];
  return addresses.every((each) => ADDRESS.test(each)) ? null : 'an address is not a plain mail address';
}

/** One address without a name. A comma or an angle bracket could make it several addresses. */
const ADDRESS = /^[^\s<>"(),:;@[\\\]\p{Cc}]+@[^\s<>"(),:;@[\\\]\p{Cc}]+$/u;

function messageOf(mail: OutgoingMail, domain: string): SendMailOptions {
  return {
    messageId: messageIdOf(mail.id, domain),
    from: mail.from,
    ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
    to: [...mail.to],
    cc: [...mail.cc],
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // Automatic replies, such as of absence, are not sent to such mails.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Tenor-Mail': mail.id },
    attachments: mail.attachments.map(({ filename, contentType, bytes }) => ({
      filename,
      contentType,
      content: Buffer.from(bytes),
    })),
  };
}

function resultOf({
  response,
  rejected,
}: {
  readonly response?: string | undefined;
  readonly rejected?: readonly unknown[] | undefined;
}): SendResult {
  const count = rejected?.length ?? 0;
  return {
    outcome: 'accepted',
    reply: replyOf(response) ?? 250,
    detail: count === 0 ? null : `the server refused ${count} of the recipients`,
  };
}

function replyOf(response: string | undefined): number | null {
  const code = /^\d{3}/.exec(response ?? '')?.[0];
  return code === undefined ? null : Number(code);
}

/** The codes of nodemailer's errors that concern one mail. All others concern the connection. */
const OF_MAIL: readonly unknown[] = ['EENVELOPE', 'EMESSAGE'];

function failureOf(error: unknown): SendResult {
  const read = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);
  const [code, responseCode] = [read('code'), read('responseCode')];
  const reply = typeof responseCode === 'number' ? responseCode : null;
  const detail = withoutAddresses(error instanceof Error ? error.message : String(error)).slice(0, 500);
  if (!OF_MAIL.includes(code) || reply === null) return { outcome: 'unreachable', reply, detail };
  return { outcome: reply >= 500 ? 'refused' : 'deferred', reply, detail };
}
