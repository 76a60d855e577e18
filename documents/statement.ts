import { type Language, writeDate, writeMinor } from '../domain/parties/languages.ts';
import type { PrintedStatement } from './document.ts';
import { type PageDescription, type Row, addressOf, daysText, imprintOf } from './page-description.ts';
import { DOCUMENT_WORDS } from './words.ts';

/** Describes an account statement: the balance at its beginning, each entry with the balance after it, and the balance at its end. */
export function pageOfStatement(statement: PrintedStatement, language: Language): PageDescription {
  const words = DOCUMENT_WORDS[language];
  const { from, to, issueDate, account, currency, issuer, recipient, closingMinor } = statement;
  const { statement: own } = words;
  return {
    language,
    sender: addressOf(issuer, words),
    recipient: addressOf(recipient, words),
    number: [own.number, daysText(from, to, language)],
    facts: [
      [words.issueDate, writeDate(issueDate, language)],
      [own.account, account],
      [own.currency, currency],
    ],
    title: own.sign,
    columns: [
      { key: 'date', label: words.issueDate },
      { key: 'text', label: words.columns.text },
      { key: 'amount', label: words.amount },
      { key: 'balance', label: own.balance },
    ],
    rows: rowsOf(statement, language),
    sums: [[`${own.closing} ${currency}`, writeMinor(closingMinor, currency, language)]],
    payment: null,
    imprint: imprintOf(issuer, words),
  };
}

function rowsOf({ from, openingMinor, entries, currency }: PrintedStatement, language: Language): Row[] {
  const words = DOCUMENT_WORDS[language];
  const money = (minor: bigint): string => writeMinor(minor, currency, language);
  let balanceMinor = openingMinor;
  const opening = {
    cells: { date: writeDate(from, language), balance: money(balanceMinor) },
    texts: [words.statement.opening],
    carried: money(balanceMinor),
  };
  const rows = entries.map(({ date, kind, text, reference, amountMinor }): Row => {
    balanceMinor += amountMinor;
    const isDocument = kind === 'invoice' || kind === 'credit_note';
    return {
      cells: {
        date: writeDate(date, language),
        amount: money(amountMinor),
        balance: money(balanceMinor),
      },
      texts: isDocument
        ? [`${words.number[kind]} ${reference}`, text]
        : [words.statement[kind], ...(reference === '' ? [] : [reference])],
      carried: money(balanceMinor),
    };
  });
  return [opening, ...rows];
}
