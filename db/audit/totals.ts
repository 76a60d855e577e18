import { z } from 'zod';
import { priceMode } from '../catalogue/terms-schema.ts';
import { type TaxResult, checkTaxRate, sumOf, taxOf } from '../../domain/books/tax.ts';
import { bigint, decimal, int, list, text, truth } from '../platform/columns.ts';
import { type RowOf, sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

/** Minor units as text in JSON. */
const minor = text.regex(/^-?\d+$/);

const documentRow = {
  merchant_id: text,
  id: text,
  kind: z.enum(['invoice', 'credit_note']),
  price_mode: priceMode,
  net_minor: bigint,
  tax_minor: bigint,
  gross_minor: bigint,
  /** Ordered by position. */
  lines: list(
    z.strictObject({
      position: int,
      amount: minor,
      category: text,
      rate: decimal,
      net: minor,
      /** Null on old documents, whose lines have no share of the tax. */
      tax: minor.nullable(),
      credit: truth,
      alike: truth,
    }),
  ),
  taxes: list(z.strictObject({ category: text, rate: decimal, net: minor, tax: minor })),
};
type DocumentRow = RowOf<typeof documentRow>;

/** Checks that a document adds up: its lines, the tax of each tax group on their sum, and its total. */
export const totalChecks = checkOfRows({
  name: 'totals',
  table: 'documents',
  size: 200,
  sql: sqlFile(import.meta.url, 'totals.sql'),
  row: documentRow,
  findings,
});

function* findings(document: DocumentRow): Generator<Finding> {
  const { merchant_id, id } = document;
  for (const message of mergedGroups(document))
    yield { check: 'tax_groups_merged', merchant_id, id, message };
  for (const message of problemsOf(document)) yield { check: 'document_totals', merchant_id, id, message };
}

function problemsOf(document: DocumentRow): string[] {
  const { lines, taxes, net_minor, tax_minor, gross_minor } = document;
  if (lines.length === 0) return ['it has no lines'];
  const taxed = computed(document);
  const problems: string[] = [];
  const compare = (what: string, stored: bigint | string, computed: bigint): void => {
    if (BigInt(stored) !== computed) problems.push(`${what} is ${stored}, its lines give ${computed}`);
  };
  compare('the net', net_minor, taxed.net);
  compare('the tax', tax_minor, taxed.tax);
  compare('the total', gross_minor, taxed.gross);
  lines.forEach(({ position, net, tax, alike }, index) => {
    compare(`the net of line ${position}`, net, taxed.lines[index]?.net ?? 0n);
    if (tax !== null) compare(`the tax of line ${position}`, tax, taxed.lines[index]?.tax ?? 0n);
    if (!alike) problems.push(`line ${position} is of another account, currency or price mode`);
  });
  // Groups of one rate are compared together, because merged categories are a finding of their own.
  for (const rate of new Set(taxed.groups.map((group) => group.rate))) {
    const expected = taxed.groups.filter((group) => group.rate === rate);
    const stored = taxes.filter((tax) => checkTaxRate(tax.rate) === rate);
    compare(`the net at ${rate} %`, sum(stored.map(({ net }) => net)), sum(expected.map(({ net }) => net)));
    compare(`the tax at ${rate} %`, sum(stored.map(({ tax }) => tax)), sum(expected.map(({ tax }) => tax)));
  }
  if (taxes.some((tax) => !taxed.groups.some(({ rate }) => rate === checkTaxRate(tax.rate)))) {
    problems.push('it has tax at a rate that no line has');
  }
  if (gross_minor >= 0n !== (document.kind === 'invoice')) {
    problems.push(`a ${document.kind} has a total of ${gross_minor}`);
  }
  return problems;
}

/**
 * Computes the totals from the lines. In a group with credits, the stored shares of the lines are taken, because they depend on the
 * credited invoices. A group with credits only is the sum of their shares (rule 16).
 */
function computed({ lines, price_mode }: DocumentRow): TaxResult {
  const given = lines.map(({ amount, category, rate }) => ({ amount: BigInt(amount), category, rate }));
  const taxed = taxOf(given, price_mode);
  for (const group of taxed.groups) {
    const members = group.lines.flatMap((index) => lines[index] ?? []);
    if (!members.some(({ credit }) => credit)) continue;
    const shares = members.flatMap(({ amount, tax }) =>
      tax === null ? [] : [shareOf(amount, tax, price_mode)],
    );
    if (shares.length < members.length) continue;
    const alone = members.every(({ credit, amount }) => credit || BigInt(amount) === 0n);
    if (!alone && sumOf(shares).tax !== group.tax) continue;
    group.lines.forEach((index, position) => (taxed.lines[index] = shares[position] ?? sumOf([])));
    Object.assign(group, sumOf(shares));
  }
  return { ...taxed, ...sumOf(taxed.groups) };
}

function shareOf(amount: string, tax: string, mode: 'net' | 'gross'): TaxResult['lines'][number] {
  const [given, share] = [BigInt(amount), BigInt(tax)];
  return mode === 'net'
    ? { net: given, tax: share, gross: given + share }
    : { net: given - share, tax: share, gross: given };
}

/** Finds categories of the lines without a tax group of their own: they were merged with another category of the same rate. */
function mergedGroups({ lines, taxes }: DocumentRow): string[] {
  const keyOf = ({ category, rate }: { category: string; rate: string }): string =>
    `${category} at ${checkTaxRate(rate)} %`;
  const groups = new Set(taxes.map(keyOf));
  const missing = new Set(lines.map(keyOf).filter((key) => !groups.has(key)));
  return [...missing].map((key) => `it has no tax group of ${key}`);
}

function sum(amounts: readonly (string | bigint)[]): bigint {
  return amounts.reduce<bigint>((total, each) => total + BigInt(each), 0n);
}
