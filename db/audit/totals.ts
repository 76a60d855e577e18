import { type TaxResult, checkTaxRate, sumOf, taxOf } from '../../domain/books/tax.ts';
import type { Keyed } from '../platform/batches.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

interface Tax {
  readonly category: string;
  readonly rate: string;
  readonly net: string;
  readonly tax: string;
}

interface DocumentRow extends Keyed {
  readonly kind: 'invoice' | 'credit_note';
  readonly price_mode: 'net' | 'gross';
  readonly net_minor: bigint;
  readonly tax_minor: bigint;
  readonly gross_minor: bigint;
  /** By position. Minor units as text, as JSON carries them. */
  readonly lines: readonly {
    readonly position: number;
    readonly amount: string;
    readonly category: string;
    readonly rate: string;
    readonly net: string;
    /** Null on documents of before lines had their share. */
    readonly tax: string | null;
    readonly credit: boolean;
    readonly alike: boolean;
  }[];
  readonly taxes: readonly Tax[];
}

const sql = (
  part: string,
): string => `select d.merchant_id, d.id, d.kind, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor,
    (select coalesce(jsonb_agg(jsonb_build_object('position', l.position, 'amount', c.amount_minor::text, 'category', c.tax_category, 'rate', c.tax_rate::text,
        'net', l.net_minor::text, 'tax', l.tax_minor::text, 'credit', c.reverses_id is not null, 'alike', c.account_id = d.account_id and c.currency = d.currency and c.price_mode = d.price_mode)
        order by l.position), '[]')
      from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
      where l.merchant_id = d.merchant_id and l.document_id = d.id) as lines,
    (select coalesce(jsonb_agg(jsonb_build_object('category', t.category, 'rate', t.rate::text, 'net', t.net_minor::text, 'tax', t.tax_minor::text)), '[]')
      from document_taxes t where t.merchant_id = d.merchant_id and t.document_id = d.id) as taxes
  from ${part} d order by d.merchant_id, d.id`;

/** What a document prints adds up: its lines, its tax per category and rate on their sum, its total. */
export const totalChecks = checkOfRows<DocumentRow>({
  name: 'totals',
  table: 'documents',
  size: 200,
  sql,
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
  // Those of a rate together: whether its categories were merged is said apart.
  for (const rate of new Set(taxed.groups.map((group) => group.rate))) {
    const expected = taxed.groups.filter((group) => group.rate === rate);
    const stored = taxes.filter((tax) => checkTaxRate(tax.rate) === rate);
    compare(`the net at ${rate} %`, sum(stored.map(({ net }) => net)), sum(expected.map(({ net }) => net)));
    compare(`the tax at ${rate} %`, sum(stored.map(({ tax }) => tax)), sum(expected.map(({ tax }) => tax)));
  }
  if (taxes.some((tax) => !taxed.groups.some(({ rate }) => rate === checkTaxRate(tax.rate)))) {
    problems.push('it has tax at a rate that no line bears');
  }
  if (gross_minor >= 0n !== (document.kind === 'invoice')) {
    problems.push(`a ${document.kind} has a total of ${gross_minor}`);
  }
  return problems;
}

/**
 * What its lines give. Beside credits, the shares of the lines are as they are stored, as they follow from what the
 * credited invoices had; a group of credits alone is their sum (rule 16).
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

/** Categories of its lines that have no group of their own: they were merged with another one of their rate. */
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
