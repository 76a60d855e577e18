import type { MailPurpose } from '../../domain/mails/purposes.ts';
import type { Language } from '../../domain/parties/languages.ts';
import { type MailTexts, htmlOfText } from './template.ts';

type Plain = Omit<MailTexts, 'html'>;

const german = (subject: string, ...blocks: string[]): Plain => ({
  subject,
  text: ['Guten Tag {{customer_name}},', ...blocks, 'Freundliche Grüße\n{{issuer_name}}'].join('\n\n'),
});

const english = (subject: string, ...blocks: string[]): Plain => ({
  subject,
  text: ['Dear {{customer_name}},', ...blocks, 'Kind regards\n{{issuer_name}}'].join('\n\n'),
});

const DE: Readonly<Record<MailPurpose, Plain>> = {
  invoice: german(
    'Ihre Rechnung {{invoice_number}}',
    'anbei erhalten Sie die Rechnung {{invoice_number}} vom {{issue_date}} über {{amount}}: {{invoice_title}}.',
    'Sie ist am {{due_date}} fällig.',
  ),
  credit_note: german(
    'Ihre Rechnungskorrektur {{credit_note_number}}',
    'anbei erhalten Sie die Rechnungskorrektur {{credit_note_number}} vom {{issue_date}} über {{amount}}.',
  ),
  receipt: german(
    'Zahlung erhalten: {{reference}}',
    'wir haben am {{payment_date}} Ihre Zahlung über {{amount}} für {{reference}} erhalten. Vielen Dank.',
  ),
  collection_notice: german(
    'Ankündigung: Einzug für Rechnung {{invoice_number}}',
    'am {{collection_date}} ziehen wir {{amount}} für die Rechnung {{invoice_number}} von Ihrer Zahlungsart ein.',
  ),
  payment_failed: german(
    'Zahlung der Rechnung {{invoice_number}} fehlgeschlagen',
    'die Zahlung von {{amount}} für die Rechnung {{invoice_number}}, fällig am {{due_date}}, wurde abgelehnt.',
    'Bitte prüfen Sie Ihre Zahlungsart, oder hinterlegen Sie eine andere.',
  ),
  action_required: german(
    'Bitte bestätigen Sie die Zahlung der Rechnung {{invoice_number}}',
    'Ihre Bank verlangt, dass Sie die Zahlung von {{amount}} für die Rechnung {{invoice_number}} bestätigen:',
    '{{action_url}}',
  ),
  card_expires: german(
    'Ihre Zahlungsart läuft ab',
    'Ihre Zahlungsart {{payment_method}} ist nur noch bis {{expiry_month}} gültig. Bitte hinterlegen Sie eine neue.',
  ),
  webhook_disabled: {
    subject: 'Tenor hat einen Webhook-Endpunkt abgeschaltet',
    text: [
      'Guten Tag,',
      'der Webhook-Endpunkt {{endpoint_id}} ({{endpoint_url}}) des Händlers {{merchant_name}} hat drei Tage lang keine ' +
        'Nachricht angenommen oder geantwortet, dass es ihn nicht mehr gibt (410). Er wurde abgeschaltet.',
      'Seine Ereignisse warten. Sie werden zugestellt, wenn Sie ihn wieder einschalten.',
    ].join('\n\n'),
  },
};

const EN: Readonly<Record<MailPurpose, Plain>> = {
  invoice: english(
    'Your invoice {{invoice_number}}',
    'please find attached the invoice {{invoice_number}} of {{issue_date}} for {{amount}}: {{invoice_title}}.',
    'It is due on {{due_date}}.',
  ),
  credit_note: english(
    'Your credit note {{credit_note_number}}',
    'please find attached the credit note {{credit_note_number}} of {{issue_date}} for {{amount}}.',
  ),
  receipt: english(
    'Payment received: {{reference}}',
    'we received your payment of {{amount}} for {{reference}} on {{payment_date}}. Thank you.',
  ),
  collection_notice: english(
    'Upcoming payment of invoice {{invoice_number}}',
    'on {{collection_date}} we will charge {{amount}} for the invoice {{invoice_number}} to your payment method.',
  ),
  payment_failed: english(
    'Payment of invoice {{invoice_number}} failed',
    'the payment of {{amount}} for the invoice {{invoice_number}}, due on {{due_date}}, was declined.',
    'Please check your payment method, or add another one.',
  ),
  action_required: english(
    'Please confirm the payment of invoice {{invoice_number}}',
    'your bank asks you to confirm the payment of {{amount}} for the invoice {{invoice_number}}:',
    '{{action_url}}',
  ),
  card_expires: english(
    'Your payment method expires',
    'your payment method {{payment_method}} is valid until {{expiry_month}}. Please add a new one.',
  ),
  webhook_disabled: {
    subject: 'Tenor has disabled a webhook endpoint',
    text: [
      'Hello,',
      'the webhook endpoint {{endpoint_id}} ({{endpoint_url}}) of the merchant {{merchant_name}} has accepted no message for ' +
        'three days, or answered that it is gone (410). It was disabled.',
      'Its events wait. They are delivered when you enable it again.',
    ].join('\n\n'),
  },
};

/** The template of a purpose for merchants that have none of their own. */
export function defaultTemplate(purpose: MailPurpose, language: Language): MailTexts {
  const { subject, text } = { de: DE, en: EN }[language][purpose];
  return { subject, text, html: htmlOfText(text) };
}
