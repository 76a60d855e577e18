import { listMails } from '../../db/mails/list-mails.ts';
import { type MailRow, getMail } from '../../db/mails/mails.ts';
import { customersOfAddress } from '../../db/parties/list-customers.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { bounceMail, readMail, resendMail } from '../../engine/mails/mails.ts';
import { SEARCHES_ON, camelCased, refuseInverted, sortOf } from '../lists.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { idParams, page } from '../schemas/common.ts';
import { type Mail, bounce, mailDetailOut, mailOut, mailQuery } from '../schemas/mails.ts';

const tag = 'Mails';

function toWire(row: MailRow): Mail {
  const { id, purpose, state, reason, last_error, event, resend_of, customer, document, tries } = row;
  const about = { id, purpose, state, reason, last_error, event, resend_of, customer, document, tries };
  const { due_at, created_at, sent_at, bounced_at } = row;
  return { ...about, due_at, created_at, sent_at, bounced_at };
}

export const mailRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/mails',
      tag,
      summary: 'List mails',
      description: `${SEARCHES_ON} The list has no mail addresses. They are on each mail.`,
      scope: 'read',
      effect: 'read',
      query: mailQuery,
      status: [200],
      response: page(mailOut),
      errors: ['invalid_date', 'search_too_wide'],
    },
    async ({ query }, { db, deps, merchant }) => {
      refuseInverted(query, ['created_from', 'created_before']);
      const { created_from, created_before, address, sort, ...named } = query;
      const filter = {
        ...(await resolveFilter(db, merchant, named, { customer: 'customer', document: 'document' })),
        ...camelCased({ created_from, created_before }),
        ...(address === undefined
          ? {}
          : { customers: await customersOfAddress(db, deps.vault, merchant, address) }),
        ...sortOf(sort),
      };
      return mapPage(await listMails(db, merchant, filter, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/mails/{id}',
      tag,
      summary: 'Read a mail with its tries',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: mailDetailOut,
      errors: [],
    },
    async ({ params }, { db, deps, merchant }) => {
      const { mail, tries, addresses } = await readMail(db, deps.vault, merchant, params.id);
      return {
        ...toWire(mail),
        to: addresses === null ? null : [...addresses.to],
        cc: addresses === null ? null : [...addresses.cc],
        log: tries.map(({ n, ...each }) => ({ number: n, ...each })),
      };
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/mails/{id}/resend',
      tag,
      summary: 'Send a mail again',
      description:
        'Makes a mail of its own, with the content and the addresses as they are when it is sent. A mail that is still queued is ' +
        'refused.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [201],
      response: mailOut,
      errors: ['mail_waits', 'too_many_resends'],
    },
    async ({ params }, { db, merchant }) => {
      const again = await resendMail(db, merchant, params.id);
      return toWire(found(await getMail(db, merchant, again), 'mail'));
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/mails/{id}/bounce',
      tag,
      summary: 'Report that a mail came back',
      description: 'For programs that read returned mails. It may be repeated.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: bounce,
      status: [200],
      response: mailOut,
      errors: ['mail_not_sent'],
    },
    async ({ params, body }, { db, merchant }) => {
      await bounceMail(db, merchant, params.id, body.reason);
      return toWire(found(await getMail(db, merchant, params.id), 'mail'));
    },
  ),
];
