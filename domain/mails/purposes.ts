import type { EventType } from '../events/catalogue.ts';

/** The purposes of mails to customers. Each has its own template, and can be switched off for a customer. */
export const CUSTOMER_PURPOSES = [
  'invoice',
  'credit_note',
  'receipt',
  'collection_notice',
  'payment_failed',
  'action_required',
  'card_expires',
] as const;
export type CustomerPurpose = (typeof CUSTOMER_PURPOSES)[number];

/** Purposes of mails to the merchant's operators. */
const OPERATOR_PURPOSES = ['webhook_disabled'] as const;
type OperatorPurpose = (typeof OPERATOR_PURPOSES)[number];

export const MAIL_PURPOSES = [...CUSTOMER_PURPOSES, ...OPERATOR_PURPOSES] as const;
export type MailPurpose = (typeof MAIL_PURPOSES)[number];

/**
 * The purpose of the mail that an event makes. Other events make none. No event makes `card_expires` yet: it only
 * has a template. The SQL function `mail_purpose_of` is the same map (`test/db/mails/queue.test.ts`).
 */
export const PURPOSE_OF_EVENT: Readonly<Partial<Record<EventType, MailPurpose>>> = {
  'invoice.finalised': 'invoice',
  'credit_note.finalised': 'credit_note',
  'payment.succeeded': 'receipt',
  'payment.received': 'receipt',
  'payment.declined': 'payment_failed',
  'payment.requires_action': 'action_required',
  'account.collection_notice': 'collection_notice',
  'webhook_endpoint.disabled': 'webhook_disabled',
};

export function isOperatorPurpose(purpose: MailPurpose): purpose is OperatorPurpose {
  return OPERATOR_PURPOSES.some((each) => each === purpose);
}

/** The states of a mail. A mail is skipped when nobody should or can get it, for example after the customer's erasure. */
export const MAIL_STATES = ['queued', 'sent', 'failed', 'skipped', 'bounced'] as const;
export type MailState = (typeof MAIL_STATES)[number];
