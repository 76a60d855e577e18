/** The types of events. Each text says when the event is written. */
export const EVENTS = {
  'order.accepted': 'An order was accepted.',
  'contract.phase_started': 'A contract began its trial or its first paid period.',
  'contract.changed': 'A change of a contract took effect.',
  'contract.change_scheduled': 'A command of a contract was accepted for a later instant.',
  'contract.change_withdrawn':
    'A scheduled command will not take effect: it was withdrawn, or the contract ended before it.',
  'contract.paused': 'A contract was paused. `pause_reasons` says why.',
  'contract.resumed': 'A paused contract continues.',
  'contract.ended': 'A contract ended.',
  'command.refused': 'A command, or an order, was refused when it was decided. `code` says why.',
  'invoice.finalised': 'An invoice got its number. It never changes again.',
  'invoice.paid': 'An invoice is paid in full.',
  'invoice.reopened': 'A paid invoice is open again, because a payment was charged back.',
  'invoice.collection_stopped':
    'The last attempt to collect an invoice was declined. Tenor does not try again by itself, and asks its contract to pause.',
  'credit_note.finalised': 'A credit note got its number. It never changes again.',
  'account.run_finished':
    'A run of a collective account was done. `invoice` is its document, and `left_out` has the contracts whose charges come later.',
  'account.collection_notice':
    'The balance of an account will be collected at `due_at`. The amount and the invoices are those that were open.',
  'account.collection_stopped':
    'The last attempt to collect the balance of an account was declined. Tenor asks its contracts to pause.',
  'payment.pending': 'A payment is under way, and its provider has not confirmed it yet.',
  'payment.requires_action': 'The customer must confirm a payment at `action_url`.',
  'payment.succeeded': 'A payment was collected.',
  'payment.declined': 'An attempt to collect a payment was declined. `reason` says why.',
  'payment.charged_back': 'The bank took a collected payment back.',
  'payment.received':
    'Money arrived without a provider, such as by bank transfer, and was recorded as a receipt.',
  'account.deactivated': 'A billing account was deactivated. Its contracts are asked to pause.',
  'account.activated': 'A deactivated billing account is active again. Its contracts are asked to resume.',
  'customer.created': 'A customer was created.',
  'customer.changed': 'A customer was changed. `fields` names what changed.',
  'customer.erased': 'The personal data of a customer was erased.',
  'payment_method.added': 'A customer got a payment method.',
  'payment_method.removed': 'A payment method was removed.',
  'mail.failed': 'A mail could not be sent, and is not tried again. `reason` says why.',
  'mail.bounced': 'A sent mail was reported as returned.',
  'incident.opened':
    'A step of a contract, of a collective account or of a collection failed. It is retried every hour.',
  'incident.closed': 'The step of an incident was done, or is not needed any more.',
  'clock.ready': 'A test clock has reached its target, and everything that was due is done.',
  'clock.stuck': 'A test clock cannot advance: see its `problem`.',
  'webhook_endpoint.disabled':
    'A webhook endpoint accepted nothing for three days, or answered 410, and was disabled. Its events wait.',
  'webhook.test': 'A test event of a webhook endpoint. Only this endpoint gets it.',
} as const satisfies Readonly<Record<string, string>>;

export type EventType = keyof typeof EVENTS;

/** All types of events. */
export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];
