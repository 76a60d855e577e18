import { z } from 'zod';
import { EVENTS, EVENT_TYPES, type EventType } from '../../domain/events/catalogue.ts';
import { PAUSE_REASONS } from '../../domain/contracts/state.ts';
import { MAIL_PURPOSES } from '../../domain/mails/purposes.ts';
import { amountOut, dateOut, dayAfterLastOut, idOut, instantOut, priceMode } from './common.ts';

const documentData = {
  number: z.string(),
  currency: z.string(),
  price_mode: priceMode,
  net: amountOut,
  tax: amountOut,
  gross: amountOut,
  issue_date: dateOut,
  due_date: dateOut,
  service_from: dateOut,
  service_to: dayAfterLastOut,
  issuer: idOut,
};
const creditNote = z.object(documentData).meta({ id: 'CreditNoteEventData' });
const invoice = z
  .object({ ...documentData, open: amountOut.meta({ description: 'The amount still to be paid.' }) })
  .meta({ id: 'InvoiceEventData' });

const contractData = {
  external_id: z.string().nullable(),
  phase: z.string().meta({ description: '`ordered`, `trial`, `normal`, `inactive` or `ended`.' }),
  variant_version: idOut,
  pause_reasons: z.array(z.enum(PAUSE_REASONS)),
  start_date: dateOut,
  trial_ends_at: instantOut.nullable(),
  ended_at: instantOut.nullable(),
  components: z.array(z.object({ subscription: idOut, component: idOut, quantity: z.string() })),
};
const command = idOut.meta({ description: 'The command that made the event.' });
const kind = z.string().meta({ description: 'The kind of the command, such as `change`.' });
const decided = z.object({ ...contractData, command }).meta({ id: 'ContractChangeEventData' });
const phase = z
  .object({ ...contractData, phase_starts_at: instantOut, command: command.nullable() })
  .meta({ id: 'ContractPhaseEventData' });
const scheduled = z
  .object({ ...contractData, command, kind, scheduled_for: instantOut })
  .meta({ id: 'ScheduledChangeEventData' });
const refused = z
  .object({ ...contractData, command, kind, code: z.string() })
  .meta({ id: 'RefusedCommandEventData' });

const attemptData = {
  attempt: idOut,
  number: z.int().meta({ description: 'Which attempt of its invoice or collection it is: 1, 2, 3, …' }),
  invoice: idOut.nullable().meta({ description: 'Null for an attempt of a collection by balance.' }),
  collection: idOut.nullable().meta({ description: 'The collection by balance that it belongs to.' }),
  provider: z.string(),
  payment_method: idOut,
  currency: z.string(),
  amount: amountOut,
};
const attempt = z.object(attemptData).meta({ id: 'AttemptEventData' });
const declined = z
  .object({ ...attemptData, reason: z.string().nullable() })
  .meta({ id: 'DeclinedAttemptEventData' });
const action = z
  .object({ ...attemptData, action_url: z.string().nullable() })
  .meta({ id: 'ActionEventData' });
const collected = z.object({ ...attemptData, payment: idOut }).meta({ id: 'PaymentEventData' });
const accountCollection = z
  .object({
    collection: idOut,
    currency: z.string(),
    amount: amountOut,
    due_at: instantOut,
    invoices: z.array(idOut).meta({ description: 'The oldest first.' }),
  })
  .meta({ id: 'CollectionEventData' });
const receipt = z.object({ currency: z.string(), amount: amountOut }).meta({ id: 'ReceiptEventData' });

const customerData = { external_id: z.string().nullable(), parent: idOut.nullable() };
const customer = z.object(customerData).meta({ id: 'CustomerEventData' });
const changedCustomer = z
  .object({ ...customerData, fields: z.array(z.string()) })
  .meta({ id: 'ChangedCustomerEventData' });
const method = z.object({ provider: z.string() }).meta({ id: 'PaymentMethodEventData' });
const incident = z
  .object({
    step: z.string(),
    code: z.string().nullable(),
    workflow: z.string(),
    receivable: idOut.nullable(),
  })
  .meta({ id: 'IncidentEventData' });
const mail = z
  .object({
    purpose: z.enum(MAIL_PURPOSES),
    reason: z.string().nullable(),
    document: idOut.nullable(),
    event: idOut.nullable().meta({ description: 'The event that made the mail.' }),
  })
  .meta({ id: 'MailEventData' });
const run = z
  .object({
    run: idOut,
    cause: z.enum(['calendar', 'hand']),
    until: instantOut,
    invoice: idOut.nullable().meta({ description: 'Null if there was nothing to bill.' }),
    left_out: z
      .array(idOut)
      .meta({ description: 'Contracts whose step failed. Their charges come with the next run.' }),
  })
  .meta({ id: 'AccountRunEventData' });
const clock = z.object({ now: instantOut }).meta({ id: 'ClockEventData' });

const disabledEndpoint = z
  .object({
    url: z.string(),
    failing_since: instantOut,
    error: z.string().nullable().meta({ description: 'Why the newest webhook was not accepted.' }),
  })
  .meta({ id: 'DisabledEndpointEventData' });
const testedEndpoint = z.object({ url: z.string() }).meta({ id: 'TestEventData' });

const accountState = z.object({
  deactivated_at: instantOut.nullable().meta({ description: 'Null for an active account.' }),
});

const DATA = {
  'order.accepted': decided,
  'contract.phase_started': phase,
  'contract.changed': decided,
  'contract.change_scheduled': scheduled,
  'contract.change_withdrawn': scheduled,
  'contract.paused': phase,
  'contract.resumed': phase,
  'contract.ended': phase,
  'command.refused': refused,
  'invoice.finalised': invoice,
  'invoice.paid': invoice,
  'invoice.reopened': invoice,
  'invoice.collection_stopped': invoice,
  'credit_note.finalised': creditNote,
  'account.run_finished': run,
  'account.collection_notice': accountCollection,
  'account.collection_stopped': accountCollection,
  'payment.pending': attempt,
  'payment.requires_action': action,
  'payment.succeeded': collected,
  'payment.declined': declined,
  'payment.charged_back': collected,
  'payment.received': receipt,
  'account.deactivated': accountState,
  'account.activated': accountState,
  'customer.created': customer,
  'customer.changed': changedCustomer,
  'customer.erased': customer,
  'payment_method.added': method,
  'payment_method.removed': method,
  'mail.failed': mail,
  'mail.bounced': mail,
  'incident.opened': incident,
  'incident.closed': incident,
  'clock.ready': clock,
  'clock.stuck': clock,
  'webhook_endpoint.disabled': disabledEndpoint,
  'webhook.test': testedEndpoint,
} as const satisfies Readonly<Record<EventType, z.ZodObject>>;

function schemaOf(type: EventType): z.ZodObject {
  return z
    .object({
      id: idOut,
      type: z.literal(type),
      object: idOut.meta({ description: 'The object that the event is about.' }),
      sequence: z.int().meta({ description: 'Which event of its object it is: 1, 2, 3, …' }),
      customer: idOut.nullable(),
      account: idOut.nullable(),
      contract: idOut.nullable(),
      occurred_at: instantOut.meta({ description: "When it happened, on the customer's clock." }),
      recorded_at: instantOut,
      data: DATA[type],
    })
    .meta({ id: nameOf(type), description: EVENTS[type] });
}

/** `invoice.paid` is `InvoicePaidEvent`. */
export function nameOf(type: EventType): string {
  return `${type.replaceAll(/(^|[._])([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}Event`;
}

/** The schema of each type of event. */
export const EVENT_SCHEMAS = Object.fromEntries(EVENT_TYPES.map((type) => [type, schemaOf(type)])) as Record<
  EventType,
  z.ZodObject
>;

const [first, ...others] = EVENT_TYPES.map((type) => EVENT_SCHEMAS[type]) as [z.ZodObject, ...z.ZodObject[]];

export const eventOut = z.union([first, ...others]).meta({
  id: 'TenorEvent',
  description: 'Something that happened, with the object as it was. `type` says what.',
});

const eventType = z.enum(EVENT_TYPES);

/** One type, or several as `type=…&type=…`. */
export const eventTypes = z
  .union([eventType, z.array(eventType).min(1).max(EVENT_TYPES.length)])
  .meta({ description: 'Send it several times for events of several types.', example: 'invoice.paid' });
