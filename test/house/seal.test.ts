// The seal of a document names its columns (`document_content`), so a new column is not sealed automatically. Each column
// of a document, its lines and its taxes must be sealed, or be listed here with the reason why it needs no seal.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const KEY = 'the seal is stored under it';
const ORIGIN = 'is the origin of the line, and is not printed; the checks of covered days read it';
const OF_DERIVATION =
  'is also in the derivation, which is sealed; the audit compares them (derivation_differs)';
const OF_DOCUMENT =
  'is also a column of the document, which is sealed; the audit compares them (document_totals)';
const RECORDED = 'is the instant of recording; the document’s `effective_at` is sealed';

const UNSEALED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  documents: {
    merchant_id: KEY,
    id: KEY,
    issuer_id: 'the seal has the printed record of the issuer: `issuer_subject_id` and its version',
    clock_id: 'is not printed; it names the series, whose number is sealed',
    period_key: 'a part of the number, which is sealed',
    counter: 'a part of the number, which is sealed; the audit counts it (series_gap)',
    recorded_at: RECORDED,
  },
  document_lines: {
    merchant_id: KEY,
    document_id: KEY,
    charge_id: 'the charge’s own columns are sealed',
  },
  charges: {
    merchant_id: KEY,
    id: 'the position of the line is sealed',
    account_id: OF_DOCUMENT,
    contract_id: ORIGIN,
    item_id: ORIGIN,
    part: ORIGIN,
    command_id: ORIGIN,
    one_time_id: 'the audit compares the line with the one-time charge (one_time_differs)',
    reverses_id: OF_DERIVATION,
    full_amount: OF_DERIVATION,
    days: OF_DERIVATION,
    full_days: OF_DERIVATION,
    unit: OF_DERIVATION,
    currency: OF_DOCUMENT,
    price_mode: OF_DOCUMENT,
    effective_at: RECORDED,
    recorded_at: RECORDED,
  },
  document_taxes: { merchant_id: KEY, document_id: KEY },
};

/** The names of the tables in the statement of the seal. */
const ALIASES = { documents: 'd', document_lines: 'l', charges: 'c', document_taxes: 't' };

function columnsOf(schema: string, table: string): string[] {
  const [, body = ''] = new RegExp(`\\ncreate table ${table} \\(\\n([\\s\\S]*?)\\n\\);`).exec(schema) ?? [];
  return [...body.matchAll(/^ {2}(?!constraint )"?(\w+)"? /gm)].map(([, column = '']) => column);
}

/** The columns that the statement of the seal selects, without those by which it only joins and filters. */
function sealedOf(schema: string, alias: string): string[] {
  const [, body = ''] =
    /FUNCTION public\.document_content\([\s\S]*?AS \$function\$([\s\S]*?)\$function\$/.exec(schema) ?? [];
  const selected = body.replace(/\bfrom [^)]*/g, '');
  return [...selected.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, column = '']) => column);
}

/** `table.column` of each column that is neither sealed nor listed above. */
function missingColumns(schema: string): string[] {
  return Object.entries(ALIASES).flatMap(([table, alias]) => {
    const known = new Set([...sealedOf(schema, alias), ...Object.keys(UNSEALED[table] ?? {})]);
    return columnsOf(schema, table)
      .filter((column) => !known.has(column))
      .map((column) => `${table}.${column}`);
  });
}

const schema = readFileSync('db/schema.sql', 'utf8');

describe('the seal of a document', () => {
  it('covers each column, or the list above has a reason; a new column needs a migration that raises the seal’s version', () => {
    expect(missingColumns(schema)).toEqual([]);
  });

  it.each(Object.entries(ALIASES))(
    'has no column of %s that is listed above as unsealed or no longer exists',
    (table, alias) => {
      const unsealed = Object.keys(UNSEALED[table] ?? {});
      expect(unsealed.filter((column) => sealedOf(schema, alias).includes(column))).toEqual([]);
      expect(unsealed.filter((column) => !columnsOf(schema, table).includes(column))).toEqual([]);
    },
  );

  it('is reported as incomplete if a column is added or taken out of it', () => {
    const added = schema.replace('create table documents (\n', 'create table documents (\n  note text,\n');
    expect(missingColumns(added)).toEqual(['documents.note']);
    const cut = schema.replace(', d.due_date,', ',');
    expect(missingColumns(cut)).toEqual(['documents.due_date']);
  });
});
