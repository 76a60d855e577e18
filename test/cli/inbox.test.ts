// The inbox of development shows mails and sends none.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { type Inbox, startInbox } from '../../dev/inbox.ts';
import { createMailer } from '../../mail/smtp.ts';

let inbox: Inbox;
beforeAll(async () => {
  inbox = await startInbox();
  const { smtp } = loadConfig({ TENOR_SMTP_URL: inbox.smtpUrl, TENOR_MAIL_FROM: 'tenor@billing.example' });
  const mailer = createMailer(smtp!);
  const sent = await mailer.send({
    id: 'mai_1',
    from: { name: 'Wolkenwerk', address: 'billing@wolkenwerk.example' },
    replyTo: null,
    to: ['ada@muster.example'],
    cc: [],
    subject: 'Invoice <script>alert(1)</script>',
    text: 'Hello <b>Ada</b>',
    html: '<p>Hello</p><script>alert(1)</script>',
    attachments: [{ filename: 'a.pdf', contentType: 'application/pdf', bytes: Buffer.from('%PDF') }],
  });
  expect(sent.outcome).toBe('accepted');
  mailer.close();
});
afterAll(() => inbox.stop());

const read = async (path: string): Promise<Response> => fetch(inbox.url + path);

it('lists mails, and shows one with its attachment', async () => {
  const list = await (await read('/')).text();
  expect(list).toContain('ada@muster.example');
  expect(list).not.toContain('<script>');
  const mail = await (await read('/1')).text();
  expect(mail).toContain('&#60;mai_1@billing.example&#62;');
  expect(mail).toContain('Hello &#60;b&#62;Ada&#60;/b&#62;');
  expect(mail).toContain('<iframe sandbox src="/1/html">');
  expect(await (await read('/1/1')).text()).toBe('%PDF');
  expect(inbox.mails).toHaveLength(1);
});

it('shows the HTML of a mail under a policy that runs no script', async () => {
  const html = await read('/1/html');
  expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
  expect(await html.text()).toContain('<p>Hello</p>');
});

it.each(['/2', '/1/2', '/1/html/x', '/../config.ts'])('has no page %s', async (path) => {
  expect((await read(path)).status).toBe(404);
});
