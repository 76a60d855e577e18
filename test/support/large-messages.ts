// The filters and orders of events, mails and incidents in a large book.
import { type EventFilter, eventsOnwards, newestEvents } from '../../db/events/list-events.ts';
import { type MailFilter, listMails } from '../../db/mails/list-mails.ts';
import { type IncidentFilter, listIncidents } from '../../db/platform/incidents.ts';
import { type ListCases, ONE_MORE, single } from './large-case.ts';

const [FIRST, LATER] = ['2024-01-03T00:00:00.000Z', '2024-01-05T00:00:00.000Z'];
const within = (column: string): string => `d.${column} >= '${FIRST}' and d.${column} < '${LATER}'`;

const SPAN = { recordedFrom: FIRST, recordedBefore: LATER } as const;
const OF_CUSTOMER = `d.customer_id = 'cus_00000001'`;
/** A page of a span reads the events of five minutes more, of which each has one. */
const MARGIN = 5;
const events: ListCases<EventFilter> = {
  name: 'events',
  table: 'events',
  order: 'd.seq desc',
  list: newestEvents,
  single: [
    single('no filter', {}, 'events_in_order', 'true'),
    single('a rare type', { types: ['invoice.reopened'] }, 'events_of_type', `d.type = 'invoice.reopened'`),
    single(
      'two types',
      { types: ['invoice.reopened', 'invoice.paid'] },
      'events_of_type',
      `d.type in ('invoice.reopened', 'invoice.paid')`,
      { most: 2 * ONE_MORE },
    ),
    single(
      'an object with many events',
      { object: 'con_00000001' },
      'events_of_object',
      `d.object_id = 'con_00000001'`,
    ),
    single('a customer', { customer: 'cus_00000001' }, 'events_of_customer', OF_CUSTOMER),
    single(
      'a contract',
      { contract: 'con_00000001' },
      'events_of_contract',
      `d.contract_id = 'con_00000001'`,
    ),
    single('a span', SPAN, 'events_in_order', within('recorded_at'), { most: ONE_MORE + MARGIN }),
  ],
  combined: [
    {
      name: 'a rare type of a customer with many events',
      filter: { types: ['invoice.reopened'], customer: 'cus_00000001' },
      where: `${OF_CUSTOMER} and d.type = 'invoice.reopened'`,
    },
    {
      name: 'a type that a customer with many events does not have',
      filter: { types: ['clock.stuck'], customer: 'cus_00000001' },
      where: 'false',
    },
    {
      name: 'types of an object in a span',
      filter: { ...SPAN, types: ['invoice.paid'], object: 'con_00000001' },
      where: `d.object_id = 'con_00000001' and d.type = 'invoice.paid' and ${within('recorded_at')}`,
    },
  ],
};
export const eventCases = events;

const onwards = <C extends { readonly name: string }>(each: C) => ({ ...each, order: 'd.seq' });
export const onwardCases: ListCases<EventFilter> = {
  ...events,
  name: 'events onwards',
  order: 'd.seq',
  list: eventsOnwards,
  single: events.single.map(onwards),
  combined: events.combined.map(onwards),
};

export const mailCases: ListCases<MailFilter> = {
  name: 'mails',
  table: 'mails',
  order: 'd.created_at desc, d.id desc',
  list: listMails,
  single: [
    single('no filter', {}, 'mails_in_order', 'true'),
    {
      ...single('no filter, oldest first', { ascending: true }, 'mails_in_order', 'true'),
      order: 'd.created_at, d.id',
    },
    single('a span', { createdFrom: FIRST, createdBefore: LATER }, 'mails_in_order', within('created_at')),
    single('a customer', { customer: 'cus_00000001' }, 'mails_to_customer', OF_CUSTOMER),
    single(
      'the customers of an address',
      { customers: ['cus_00000001', 'cus_00000002'] },
      'mails_to_customer',
      `d.customer_id in ('cus_00000001', 'cus_00000002')`,
      { most: 2 * ONE_MORE },
    ),
    single(
      'a document',
      { document: 'doc_00000777' },
      'mails_about_document',
      `d.document_id = 'doc_00000777'`,
    ),
    single('a rare state', { state: 'failed' }, 'mails_in_state', `d.state = 'failed'`),
    single('the most frequent state', { state: 'sent' }, 'mails_in_state', `d.state = 'sent'`),
    single(
      'a rare purpose',
      { purpose: 'action_required' },
      'mails_for_purpose',
      `d.purpose = 'action_required'`,
    ),
  ],
  combined: [
    {
      name: 'failed mails of a customer with many',
      filter: { customer: 'cus_00000001', state: 'failed' },
      where: `${OF_CUSTOMER} and d.state = 'failed'`,
    },
    {
      name: 'failed mails of a purpose, of which there are none',
      filter: { state: 'failed', purpose: 'action_required' },
      where: 'false',
    },
    {
      name: 'sent mails of a rare purpose in a span',
      filter: { state: 'sent', purpose: 'action_required', createdFrom: FIRST, createdBefore: LATER },
      where: `d.state = 'sent' and d.purpose = 'action_required' and ${within('created_at')}`,
    },
  ],
};

export const incidentCases: ListCases<IncidentFilter> = {
  name: 'incidents',
  table: 'incidents',
  order: 'd.opened_at desc, d.id desc',
  list: listIncidents,
  single: [
    // The incidents of both states are merged.
    single('no filter', {}, 'incidents_by_state', 'true', { most: 2 * ONE_MORE }),
    {
      ...single('no filter, oldest first', { ascending: true }, 'incidents_by_state', 'true', {
        most: 2 * ONE_MORE,
      }),
      order: 'd.opened_at, d.id',
    },
    single('a span', { openedFrom: FIRST, openedBefore: LATER }, 'incidents_by_state', within('opened_at'), {
      most: 2 * ONE_MORE,
    }),
    single('open ones', { state: 'open' }, 'incidents_by_state', 'd.closed_at is null'),
    single('closed ones', { state: 'closed' }, 'incidents_by_state', 'd.closed_at is not null'),
    single(
      'a contract',
      { contract: 'con_00000777' },
      'incidents_of_workflow',
      `d.workflow_id = 'contract/con_00000777'`,
    ),
  ],
  combined: [
    {
      name: 'open ones in a span',
      filter: { state: 'open', openedFrom: FIRST, openedBefore: LATER },
      where: `d.closed_at is null and ${within('opened_at')}`,
    },
    {
      name: 'open ones of a contract that has none',
      filter: { state: 'open', contract: 'con_00000777' },
      where: 'false',
    },
  ],
};
