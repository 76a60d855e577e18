import { checkTaxRate, taxOf } from '../../domain/books/tax.ts';
import { type Keyed, batches } from '../platform/batches.ts';
import type { Check } from './finding.ts';

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
    readonly rate: string;
    readonly net: string;
    readonly alike: boolean;
  }[];
  readonly taxes: readonly { readonly rate: string; readonly net: string; readonly tax: string }[];
}

const DOCUMENTS = `select d.merchant_id, d.id, d.kind, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor,
    (select coalesce(jsonb_agg(jsonb_build_object('position', l.position, 'amount', c.amount_minor::text, 'rate', c.tax_rate::text,
        'net', l.net_minor::text, 'alike', c.account_id = d.account_id and c.currency = d.currency and c.price_mode = d.price_mode)
        order by l.position), '[]')
      from document_lines l join charges c on c.merchant_id = l.merchant_id and c.id = l.charge_id
      where l.merchant_id = d.merchant_id and l.document_id = d.id) as lines,
    (select coalesce(jsonb_agg(jsonb_build_object('rate', t.rate::text, 'net', t.net_minor::text, 'tax', t.tax_minor::text)), '[]')
      from document_taxes t where t.merchant_id = d.merchant_id and t.document_id = d.id) as taxes
  from documents d where (d.merchant_id, d.id) > ($1, $2) order by d.merchant_id, d.id limit $3`;

const BATCH = 200;

/** What a document prints adds up: its lines, its tax per rate on their sum, its total. */
export const totalChecks: Check = async function* (db) {
  for await (const batch of batches<DocumentRow>(db, DOCUMENTS, BATCH)) {
    for (const document of batch) {
      for (const message of problemsOf(document)) {
        yield { check: 'document_totals', merchant_id: document.merchant_id, id: document.id, message };
      }
    }
  }
};

function problemsOf(document: DocumentRow): string[] {
  const { lines, taxes, net_minor, tax_minor, gross_minor } = document;
  if (lines.length === 0) return ['it has no lines'];
  const taxed = taxOf(
    lines.map(({ amount, rate }) => ({ amount: BigInt(amount), rate })),
    document.price_mode,
  );
  const problems: string[] = [];
  const compare = (what: string, stored: bigint | string, computed: bigint): void => {
    if (BigInt(stored) !== computed) problems.push(`${what} is ${stored}, its lines give ${computed}`);
  };
  compare('the net', net_minor, taxed.net);
  compare('the tax', tax_minor, taxed.tax);
  compare('the total', gross_minor, taxed.gross);
  lines.forEach(({ position, net, alike }, index) => {
    compare(`the net of line ${position}`, net, taxed.lines[index]?.net ?? 0n);
    if (!alike) problems.push(`line ${position} is of another account, currency or price mode`);
  });
  for (const group of taxed.rates) {
    const stored = taxes.filter((tax) => checkTaxRate(tax.rate) === group.rate);
    compare(`the net at ${group.rate} %`, sum(stored.map(({ net }) => net)), group.net);
    compare(`the tax at ${group.rate} %`, sum(stored.map(({ tax }) => tax)), group.tax);
  }
  if (taxes.some((tax) => !taxed.rates.some(({ rate }) => rate === checkTaxRate(tax.rate)))) {
    problems.push('it has tax at a rate that no line bears');
  }
  if (gross_minor >= 0n !== (document.kind === 'invoice')) {
    problems.push(`a ${document.kind} has a total of ${gross_minor}`);
  }
  return problems;
}

function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, each) => total + BigInt(each), 0n);
}
