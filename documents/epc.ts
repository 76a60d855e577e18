import { formatMinor } from '../domain/arithmetic/money.ts';

/** A transfer that a customer is asked to make. */
interface Transfer {
  readonly name: string;
  readonly iban: string;
  readonly bic: string | undefined;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** The text that the customer quotes with the transfer, such as the invoice number. */
  readonly reference: string;
}

const LARGEST_MINOR = 99_999_999_999n;
const LONGEST_BYTES = 331;

/**
 * The content of a QR code that fills in a SEPA transfer (EPC069-12, version 2, UTF-8). Banking apps read it.
 * @returns null for a transfer that the standard excludes: another currency than the euro, an amount that is not from
 *   0.01 to 999,999,999.99, a reference of more than 140 characters, or more than 331 bytes
 */
export function epcPayload(transfer: Transfer): string | null {
  const { currency, amountMinor, reference } = transfer;
  if (currency !== 'EUR' || amountMinor <= 0n || amountMinor > LARGEST_MINOR) return null;
  const text = oneLine(reference);
  const payload = [
    'BCD',
    '002',
    '1',
    'SCT',
    transfer.bic ?? '',
    Array.from(oneLine(transfer.name)).slice(0, 70).join('').trim(),
    transfer.iban,
    `EUR${formatMinor(amountMinor, currency)}`,
    '',
    '',
    text,
  ].join('\n');
  const fits = Array.from(text).length <= 140 && new TextEncoder().encode(payload).length <= LONGEST_BYTES;
  return fits ? payload : null;
}

/** Elements are separated by line ends, so a text must not have one. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
