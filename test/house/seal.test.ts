// The seal of a document names its columns (`document_content`), so a column that is added later is not sealed by itself.
// Each column of a document, its lines and its taxes is sealed, or stands here with the reason why it need not be.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const KEY = 'the seal is stored under it';
const ORIGIN = 'says where the line comes from, not what it prints; the checks of covered days read it';
const OF_DERIVATION =
  'stands in the derivation, which is sealed; the audit compares them (derivation_differs)';
const OF_DOCUMENT = 'is the document’s, which is sealed; the audit compares them (document_totals)';
const BOOKED = 'an instant of booking; the document’s `effective_at` is sealed';

const UNSEALED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  documents: {
    merchant_id: KEY,
    id: KEY,
    issuer_id: 'the record of the issuer that is printed is sealed: `issuer_subject_id` and its version',
    clock_id: 'nothing of it is printed; it names the series, whose number is sealed',
    period_key: 'a part of the number, which is sealed',
    counter: 'a part of the number, which is sealed; the audit counts it (series_gap)',
    recorded_at: BOOKED,
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
    effective_at: BOOKED,
    recorded_at: BOOKED,
  },
  document_taxes: { merchant_id: KEY, document_id: KEY },
};

/** The names of the tables in the statement of the seal. */
const ALIASES = { documents: 'd', document_lines: 'l', charges: 'c', document_taxes: 't' };

function columnsOf(schema: string, table: string): string[] {
  const [, body = ''] = new RegExp(`\\ncreate table ${table} \\(\\n([\\s\\S]*?)\\n\\);`).exec(schema) ?? [];
  return [...body.matchAll(/^ {2}(?!constraint )"?(\w+)"? /gm)].map(([, column = '']) => column);
}

/** The columns that the statement of the seal selects; those by which it joins and filters are no part of it. */
function sealedOf(schema: string, alias: string): string[] {
  const [, body = ''] =
    /FUNCTION public\.document_content\([\s\S]*?AS \$function\$([\s\S]*?)\$function\$/.exec(schema) ?? [];
  const selected = body.replace(/\bfrom [^)]*/g, '');
  return [...selected.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, column = '']) => column);
}

/** `table.column` of each column that is neither sealed nor excused. */
function forgotten(schema: string): string[] {
  return Object.entries(ALIASES).flatMap(([table, alias]) => {
    const known = new Set([...sealedOf(schema, alias), ...Object.keys(UNSEALED[table] ?? {})]);
    return columnsOf(schema, table)
      .filter((column) => !known.has(column))
      .map((column) => `${table}.${column}`);
  });
}

const schema = readFileSync('db/schema.sql', 'utf8');

describe('the seal of a document', () => {
  it('covers each column that needs it: a new one needs a migration that raises the seal’s version, or a reason here', () => {
    expect(forgotten(schema)).toEqual([]);
  });

  it.each(Object.entries(ALIASES))('excuses no column of %s that is sealed or gone', (table, alias) => {
    const unsealed = Object.keys(UNSEALED[table] ?? {});
    expect(unsealed.filter((column) => sealedOf(schema, alias).includes(column))).toEqual([]);
    expect(unsealed.filter((column) => !columnsOf(schema, table).includes(column))).toEqual([]);
  });

  it('is missed by a column that is added', () => {
    const added = schema.replace('create table documents (\n', 'create table documents (\n  note text,\n');
    expect(forgotten(added)).toEqual(['documents.note']);
    const cut = schema.replace(', d.due_date,', ',');
    expect(forgotten(cut)).toEqual(['documents.due_date']);
  });
});
