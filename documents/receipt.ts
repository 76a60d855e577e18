import { type Language, writeDate, writeMinor } from '../domain/parties/languages.ts';
import type { PrintedReceipt } from './document.ts';
import { type PageDescription, type Row, addressOf, imprintOf } from './page-description.ts';
import { DOCUMENT_WORDS } from './words.ts';

/** Describes the receipt of a payment: the invoices that it paid, and the rest that became account credit. */
export function pageOfReceipt(receipt: PrintedReceipt, language: Language): PageDescription {
  const words = DOCUMENT_WORDS[language];
  const { date, reference, currency, amountMinor, issuer, recipient, isReversed } = receipt;
  const { receipt: own } = words;
  return {
    language,
    sender: addressOf(issuer, words),
    recipient: addressOf(recipient, words),
    number: [own.number, writeDate(date, language)],
    facts: reference === null ? [] : [[own.reference, reference]],
    title: isReversed ? own.reversed : own.thanks,
    columns: [
      { key: 'text', label: own.paid },
      { key: 'date', label: words.issueDate },
      { key: 'amount', label: words.amount },
    ],
    rows: rowsOf(receipt, language),
    sums: [[`${own.total} ${currency}`, writeMinor(amountMinor, currency, language)]],
    payment: null,
    imprint: imprintOf(issuer, words),
  };
}

function rowsOf({ paid, amountMinor, currency }: PrintedReceipt, language: Language): Row[] {
  const words = DOCUMENT_WORDS[language];
  const money = (minor: bigint): string => writeMinor(minor, currency, language);
  let sum = 0n;
  const row = (text: string, date: string, minor: bigint): Row => {
    sum += minor;
    return { cells: { date, amount: money(minor) }, texts: [text], carried: money(sum) };
  };
  const rows = paid.map((each) =>
    row(`${words.number.invoice} ${each.number}`, writeDate(each.issueDate, language), each.amountMinor),
  );
  const left = amountMinor - sum;
  return left === 0n ? rows : [...rows, row(words.receipt.credit, '', left)];
}
