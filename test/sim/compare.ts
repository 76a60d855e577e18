import type { Line } from './model.ts';
import type { TaxedDocument } from './model/taxes.ts';

/** Lines that only one side has. Lines of 0.00 do not count. */
export function differences(billed: readonly Line[], expected: readonly Line[]): string[] {
  const textsOf = (lines: readonly Line[]): string[] =>
    lines.filter(({ minor }) => minor !== 0n).map((line) => textOf(line));
  return between(textsOf(billed), textsOf(expected));
}

/** Documents that only one side has, compared by instant, net amount and tax. */
export function documentDifferences(
  billed: readonly TaxedDocument[],
  expected: readonly TaxedDocument[],
): string[] {
  const textsOf = (documents: readonly TaxedDocument[]): string[] =>
    documents.map(({ at, net, tax }) => `${new Date(at).toISOString()} document ${net} + ${tax}`);
  return between(textsOf(billed), textsOf(expected));
}

function between(billed: readonly string[], expected: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const text of billed) left.set(text, (left.get(text) ?? 0) + 1);
  for (const text of expected) left.set(text, (left.get(text) ?? 0) - 1);
  return [...left]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count > 0 ? 'billed  ' : 'expected'} ${text}`)
    .sort((a, b) => (a.slice(9) < b.slice(9) ? -1 : 1));
}

function textOf({ at, subject, kind, from, to, minor }: Line): string {
  return `${new Date(at).toISOString()} ${subject} ${kind} ${from}..${to} ${minor}`;
}
