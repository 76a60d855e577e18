import type { MailPurpose } from '../../domain/mails/purposes.ts';
import type { Language } from '../../domain/parties/languages.ts';

const OF_CUSTOMER = ['customer_name', 'issuer_name'] as const;

/** The placeholders that the templates of each purpose may use. */
export const PLACEHOLDERS = {
  invoice: [...OF_CUSTOMER, 'invoice_number', 'invoice_title', 'issue_date', 'due_date', 'amount'],
  credit_note: [...OF_CUSTOMER, 'credit_note_number', 'issue_date', 'amount'],
  receipt: [...OF_CUSTOMER, 'reference', 'payment_date', 'amount'],
  collection_notice: [...OF_CUSTOMER, 'invoice_number', 'collection_date', 'amount'],
  payment_failed: [...OF_CUSTOMER, 'invoice_number', 'due_date', 'amount'],
  action_required: [...OF_CUSTOMER, 'invoice_number', 'amount', 'action_url'],
  card_expires: [...OF_CUSTOMER, 'payment_method', 'expiry_month'],
  webhook_disabled: ['merchant_name', 'endpoint_id', 'endpoint_url'],
} as const satisfies Record<MailPurpose, readonly string[]>;

export type Placeholder = (typeof PLACEHOLDERS)[MailPurpose][number];

/** A value for each placeholder of a purpose. */
export type MailValues = Readonly<Partial<Record<Placeholder, string>>>;

/** Values for a preview, without data of a customer. */
export function sampleValues(language: Language): Readonly<Record<Placeholder, string>> {
  const german = language === 'de';
  return {
    customer_name: 'Muster GmbH',
    issuer_name: 'Wolkenwerk GmbH',
    invoice_number: 'INV-2026-0042',
    invoice_title: german ? 'Pro monatlich' : 'Pro monthly',
    credit_note_number: 'CN-2026-0007',
    issue_date: german ? '01.12.2026' : '2026-12-01',
    due_date: german ? '15.12.2026' : '2026-12-15',
    payment_date: german ? '01.12.2026' : '2026-12-01',
    collection_date: german ? '08.12.2026' : '2026-12-08',
    amount: german ? '117,81 EUR' : '117.81 EUR',
    reference: 'INV-2026-0042',
    action_url: 'https://pay.example/confirm',
    payment_method: german ? 'Karte •••• 4242' : 'Card •••• 4242',
    expiry_month: '12/2026',
    merchant_name: 'Wolkenwerk',
    endpoint_id: 'whe_01jfa5z8n4b6c7d8e9f0g1h2j3',
    endpoint_url: 'https://hooks.example/tenor',
  };
}
