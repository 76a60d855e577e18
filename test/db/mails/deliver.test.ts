// Mails of a real database to real SMTP servers, some of which fail.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PdfObject } from '../../../db/books/pdfs.ts';
import { claimMails, storeTryEnd } from '../../../db/mails/queue.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import type { Mailer } from '../../../mail/port.ts';
import { createMailer } from '../../../mail/smtp.ts';
import { type MailDeps, deliverMails } from '../../../relay/mail.ts';
import { createVault } from '../../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../../support/api.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { row, rows } from '../../support/rows.ts';
import { type TestSmtp, startSmtp } from '../../support/smtp.ts';
import { type World, createWorld } from '../../support/world.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
let world: World;
let smtp: TestSmtp;
let mailer: Mailer;
const logged: object[] = [];

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  api = await startTestApi(pool, vault);
  merchant = (await createMerchant(pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  world = await createWorld(pool, caller);
  smtp = await startSmtp();
  mailer = mailerTo(smtp.port);
  await caller.patch(`/v1/issuers/${world.issuer}`, {
    party: { name: 'Wolkenwerk GmbH' },
    mail_enabled: true,
    mail_from: 'billing@wolkenwerk.example',
    mail_reply_to: 'support@wolkenwerk.example',
  });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  mailer.close();
  await smtp.stop();
  await api.stop();
  await database.close();
});
beforeEach(async () => {
  await rows(pool, 'delete from mails');
  (smtp.mails as unknown[]).length = 0;
  logged.length = 0;
  await caller.patch(`/v1/customers/${world.customer}`, {
    party: { name: 'Ada <b>Muster</b>' },
    language: 'de-AT',
    mail_addresses: {
      default: { to: ['ada@muster.example'], cc: [] },
      invoice: { to: ['a@muster.example', 'b@muster.example'], cc: ['c@muster.example'] },
    },
    mail_off: [],
  });
});

function mailerTo(port: number): Mailer {
  const from = 'tenor@billing.example';
  return createMailer({ host: '127.0.0.1', port, tls: 'none', login: null, from, withinMs: 2_000 });
}

const deps = (more: Partial<MailDeps> = {}): MailDeps => ({
  pool,
  vault,
  mailer,
  log: { warn: (fields) => void logged.push(fields) },
  ...more,
});

/** Queues a mail about the invoice of the world. */
async function queue(id: string, purpose = 'invoice', more: { object?: string; data?: object } = {}) {
  const { object = world.invoice, data = {} } = more;
  await rows(
    pool,
    `insert into mails (merchant_id, id, purpose, customer_id, account_id, document_id, object_id, data)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [merchant, id, purpose, world.customer, world.account, world.invoice, object, data],
  );
  return id;
}

const read = async (id: string) => (await caller.get(`/v1/mails/${id}`)).body;

describe('a mail about an invoice', () => {
  it('goes to the addresses of its purpose, in the language of the customer, and is marked', async () => {
    const id = await queue('mai_1');
    expect(await deliverMails(deps())).toBe(1);
    const [mail] = smtp.mails;
    expect(smtp.mails).toHaveLength(1);
    expect(mail?.messageId).toBe('<mai_1@billing.example>');
    expect(mail?.envelope).toEqual(['a@muster.example', 'b@muster.example', 'c@muster.example']);
    expect(mail?.from?.text).toBe('"Wolkenwerk GmbH" <billing@wolkenwerk.example>');
    expect(mail?.replyTo?.text).toBe('support@wolkenwerk.example');
    expect(mail?.subject).toBe('[Test] Ihre Rechnung INV-2024-0001');
    // 99.00 and two seats of 9.00, plus 19 %.
    expect(mail?.text).toContain('die Rechnung INV-2024-0001 vom 31.01.2024 über 139,23 EUR');
    expect(mail?.text).toContain('Guten Tag Ada <b>Muster</b>,');
    expect(mail?.html).toContain('Guten Tag Ada &lt;b&gt;Muster&lt;/b&gt;,');
    expect(await read(id)).toMatchObject({
      state: 'sent',
      tries: 1,
      reason: null,
      last_error: null,
      to: ['a@muster.example', 'b@muster.example'],
      cc: ['c@muster.example'],
      log: [{ number: 1, outcome: 'accepted', reply: 250, detail: null }],
    });
    expect(await deliverMails(deps())).toBe(0);
    expect(smtp.mails).toHaveLength(1);
  });

  it('has the PDF of its document', async () => {
    await queue('mai_pdf');
    const asked: string[] = [];
    const pdfOf = async (_: MerchantId, { kind, id }: PdfObject) => {
      asked.push(`${kind} ${id}`);
      return { bytes: Buffer.from('%PDF-1.7'), filename: 'INV-2024-0001.pdf' };
    };
    await deliverMails(deps({ pdfOf }));
    expect(asked).toEqual([`document ${world.invoice}`]);
    expect(smtp.mails[0]?.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['INV-2024-0001.pdf', 'application/pdf'],
    ]);
  });

  it('is written by the template of the merchant', async () => {
    const template = {
      subject: 'R {{invoice_number}}',
      text: '{{amount}}',
      html: '<b>{{customer_name}}</b>',
    };
    await caller.put('/v1/mail-templates/invoice/de', template);
    await queue('mai_own');
    await deliverMails(deps());
    await caller.delete('/v1/mail-templates/invoice/de');
    expect(smtp.mails[0]?.subject).toBe('[Test] R INV-2024-0001');
    expect(smtp.mails[0]?.text?.trim()).toBe('139,23 EUR');
    expect(smtp.mails[0]?.html).toBe('<b>Ada &lt;b&gt;Muster&lt;/b&gt;</b>');
  });
});

describe('a mail about a payment', () => {
  const data = { amount_minor: '13923', currency: 'EUR', occurred_at: '2024-01-31T23:30:00.000Z' };

  it('that was collected has its amount, the number of its invoice, and the day in the zone of the customer', async () => {
    await queue('mai_receipt', 'receipt', { object: world.attempt, data });
    await deliverMails(deps());
    expect(smtp.mails[0]?.envelope).toEqual(['ada@muster.example']);
    expect(smtp.mails[0]?.text).toContain(
      'wir haben am 01.02.2024 Ihre Zahlung über 139,23 EUR für INV-2024-0001 erhalten.',
    );
  });

  it('has the receipt of the payment', async () => {
    const asked: PdfObject[] = [];
    const pdfOf = async (_: MerchantId, object: PdfObject) => {
      asked.push(object);
      return { bytes: Buffer.from('%PDF-1.7'), filename: 'payment.pdf' };
    };
    const collected = { ...data, payment: 'pmt_1' };
    await queue('mai_paid', 'receipt', { object: world.attempt, data: collected });
    await queue('mai_wired', 'receipt', { object: world.payment, data });
    await deliverMails(deps({ pdfOf }));
    expect(asked.map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual(
      ['receipt pmt_1', `receipt ${world.payment}`].toSorted(),
    );
    expect(smtp.mails.map(({ attachments }) => attachments.length)).toEqual([1, 1]);
  });

  it('that the customer must confirm has a link to the page of the provider, and no other kind of link', async () => {
    const action = (url: string) => ({ object: world.attempt, data: { ...data, action_url: url } });
    await queue('mai_web', 'action_required', action('https://pay.example/a?b=1&c="2"'));
    await deliverMails(deps());
    await queue('mai_script', 'action_required', action('javascript:alert(1)'));
    await deliverMails(deps());
    expect(smtp.mails[0]?.html).toContain('<a href="https://pay.example/a?b=1&amp;c=%222%22">');
    expect(smtp.mails[1]?.html).not.toContain('javascript');
  });
});

describe('nobody gets a mail', () => {
  it('that the customer has switched off', async () => {
    await caller.patch(`/v1/customers/${world.customer}`, { mail_off: ['invoice'] });
    const id = await queue('mai_off');
    await deliverMails(deps());
    expect(await read(id)).toMatchObject({ state: 'skipped', reason: 'switched_off', to: null });
    expect(smtp.mails).toEqual([]);
  });

  it('without an address', async () => {
    await caller.patch(`/v1/customers/${world.customer}`, { mail_addresses: {} });
    const id = await queue('mai_nobody');
    await deliverMails(deps());
    expect(await read(id)).toMatchObject({ state: 'skipped', reason: 'no_address' });
  });

  it('after the erasure of the customer (rule 53)', async () => {
    const customer = (await caller.get(`/v1/customers/${world.customer}`)).body;
    const id = await queue('mai_erased');
    await deliverMails(deps());
    const again = await queue('mai_after');
    const { subject_id } = await row<{ subject_id: string }>(
      pool,
      'select subject_id from customers where id = $1',
      [customer.id],
    );
    const [kept] = await rows<{ sealed_key: Buffer }>(
      pool,
      'select sealed_key from vault_subjects where id = $1',
      [subject_id],
    );
    await vault.erase(pool, merchant, subject_id);
    await deliverMails(deps());
    expect(await read(again)).toMatchObject({ state: 'skipped', reason: 'erased' });
    expect(await read(id)).toMatchObject({ state: 'sent', to: null, cc: null });
    await rows(pool, 'update vault_subjects set sealed_key = $1 where id = $2', [
      kept?.sealed_key,
      subject_id,
    ]);
  });
});

describe('a mail server', () => {
  it('that is down gets the mail later, under the same Message-ID', async () => {
    const id = await queue('mai_down');
    const away = mailerTo(1);
    expect(await deliverMails(deps({ mailer: away }))).toBe(0);
    away.close();
    expect(await read(id)).toMatchObject({
      state: 'queued',
      tries: 1,
      log: [{ outcome: 'unreachable', reply: null }],
    });
    expect(await deliverMails(deps())).toBe(0);
    await rows(pool, 'update mails set due_at = clock_timestamp()');
    await deliverMails(deps());
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual(['<mai_down@billing.example>']);
    expect(await read(id)).toMatchObject({ state: 'sent', tries: 2, last_error: null });
  });

  it('that refuses the recipient gets the mail once, and neither the log nor the row has its address', async () => {
    const refusing = await startSmtp({
      onRcptTo: ({ address }, _, callback) =>
        callback(Object.assign(new Error(`no ${address} here`), { responseCode: 550 })),
    });
    const id = await queue('mai_refused', 'receipt');
    const to = mailerTo(refusing.port);
    await deliverMails(deps({ mailer: to }));
    to.close();
    await refusing.stop();
    const mail = await read(id);
    expect(mail).toMatchObject({ state: 'failed', reason: 'refused', tries: 1 });
    expect(mail.last_error).toContain('no <…> here');
    expect(JSON.stringify(logged)).not.toContain('muster.example');
    expect(JSON.stringify(await rows(pool, 'select * from mails'))).not.toContain('@');
    expect(JSON.stringify(await rows(pool, 'select * from mail_attempts'))).not.toContain('@');
    await rows(pool, 'update mails set due_at = clock_timestamp()');
    expect(await claimMails(pool)).toEqual([]);
  });

  it('that never accepts a mail is given up after three days (rule 53)', async () => {
    const id = await queue('mai_old');
    await rows(pool, `update mails set created_at = created_at - interval '71 hours 59 minutes 30 seconds'`);
    const away = mailerTo(1);
    await deliverMails(deps({ mailer: away }));
    away.close();
    const mail = await read(id);
    expect(mail).toMatchObject({ state: 'failed', reason: 'gave_up' });
    expect(mail.log).toMatchObject([{ outcome: 'unreachable' }]);
  });

  it('that was not configured for three days gets no old mails', async () => {
    const id = await queue('mai_stale');
    await rows(pool, `update mails set created_at = created_at - interval '73 hours'`);
    await deliverMails(deps());
    expect(smtp.mails).toEqual([]);
    expect(await read(id)).toMatchObject({ state: 'failed', reason: 'gave_up', to: null });
    const again = await caller.post(`/v1/mails/${id}/resend`);
    await deliverMails(deps());
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([`<${again.body.id}@billing.example>`]);
  });
});

describe('a relay', () => {
  it('that died after the server had accepted a mail leaves it to another one, which sends it under the same Message-ID (rule 53)', async () => {
    const id = await queue('mai_twice');
    const dying = deliverMails(
      deps({
        onMoment: () => {
          throw new Error('killed');
        },
      }),
    );
    await expect(dying).rejects.toThrow('killed');
    expect(await read(id)).toMatchObject({ state: 'queued', log: [{ number: 1, outcome: null }] });
    expect(await claimMails(pool)).toEqual([]); // the lease of the dead relay
    await rows(pool, 'update mails set lease_until = clock_timestamp()');
    await deliverMails(deps());
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([
      '<mai_twice@billing.example>',
      '<mai_twice@billing.example>',
    ]);
    expect(await read(id)).toMatchObject({
      state: 'sent',
      log: [{ outcome: null }, { outcome: 'accepted' }],
    });
  });

  it('shares the mails with others: each is sent once', async () => {
    for (let n = 0; n < 20; n++) await queue(`mai_shared_${n}`);
    const sent = await Promise.all([1, 2, 3].map(() => deliverMails(deps())));
    const rest = await deliverMails(deps());
    expect(sent.reduce((sum, each) => sum + each, rest)).toBe(20);
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(20);
    expect(smtp.mails).toHaveLength(20);
  });

  it('whose lease is over does not mark what another one has claimed', async () => {
    await queue('mai_late');
    const [late] = await claimMails(pool);
    await rows(pool, 'update mails set lease_until = clock_timestamp()');
    const [now] = await claimMails(pool);
    expect(now?.tries).toBe(2);
    const end = {
      state: 'failed',
      outcome: 'refused',
      reply: 550,
      detail: null,
      reason: 'refused',
      durationMs: 1,
      waitSeconds: null,
      subject: null,
    } as const;
    expect(await storeTryEnd(pool, late!, end)).toBe(false);
    expect(await read('mai_late')).toMatchObject({ state: 'queued' });
  });
});

it('operators get mails at the addresses of the merchant’s settings', async () => {
  await caller.put('/v1/mail-settings', { operators: ['ops@wolkenwerk.example'], language: 'en' });
  await rows(
    pool,
    `insert into mails (merchant_id, id, purpose, object_id, data)
     values ($1, 'mai_ops', 'webhook_disabled', 'whe_1', '{"url": "https://hooks.example/x"}')`,
    [merchant],
  );
  await deliverMails(deps());
  const [mail] = smtp.mails;
  expect(mail?.envelope).toEqual(['ops@wolkenwerk.example']);
  expect(mail?.from?.text).toBe('"Tenor" <tenor@billing.example>');
  expect(mail?.text).toContain('endpoint whe_1 (https://hooks.example/x) of the merchant Wolkenwerk (test)');
  expect(await read('mai_ops')).toMatchObject({ to: ['ops@wolkenwerk.example'], customer: null });
});
