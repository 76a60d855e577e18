// veraPDF validates the PDFs of every kind of document, and finds what is wrong in others.
import PdfKit from 'pdfkit';
import { expect, it } from 'vitest';
import { pageOf } from '../../documents/description.ts';
import type { PrintedDocument } from '../../documents/document.ts';
import type { PageDescription } from '../../documents/page-description.ts';
import { checkLogo } from '../../documents/pdf/logo.ts';
import { renderPdf } from '../../documents/pdf/render.ts';
import { pageOfReceipt } from '../../documents/receipt.ts';
import { pageOfStatement } from '../../documents/statement.ts';
import { LANGUAGES, type Language } from '../../domain/parties/languages.ts';
import { pngLogo } from '../support/logos.ts';
import { creditNote, line, muster, receipt, statement } from '../support/printed.ts';
import { brokenRules } from './verapdf.ts';

const createdAt = new Date('2016-12-01T09:00:00Z');
const logo = checkLogo(pngLogo(300, 100));

const documents: Readonly<Record<string, PrintedDocument>> = {
  'an invoice with a code for a transfer': { ...muster, payment: 'transfer' },
  'an invoice of many pages': {
    ...muster,
    payment: 'charge',
    lines: Array.from({ length: 100 }, (_, n) => line(n + 1, { text: `Room ${n + 1}`, amountMinor: 100n })),
  },
  'a credit note': creditNote,
  'a document of erased persons': { ...muster, issuer: null, recipient: null },
  'names in several scripts, and markup': {
    ...muster,
    number: '<b>1 & 2</b>',
    recipient: { name: 'Łódź Αθήνα Київ 王小明 שלום', contact: '<script>' },
  },
};

const contracts = ['crm', 'erp', null];
const pages: Readonly<Record<string, (language: Language) => PageDescription>> = {
  ...Object.fromEntries(
    Object.entries(documents).map(([name, document]) => [name, (language) => pageOf(document, language)]),
  ),
  'an invoice of several contracts, which credit pays in part': (language) =>
    pageOf(
      {
        ...muster,
        payment: 'transfer',
        creditedMinor: 27_458n,
        lines: Array.from({ length: 30 }, (_, n) =>
          line(n + 1, { text: `Room ${n + 1}`, amountMinor: 100n, contract: contracts[n % 3] ?? null }),
        ),
      },
      language,
    ),
  'the receipt of a payment': (language) => pageOfReceipt(receipt, language),
  'an account statement of many pages': (language) => pageOfStatement(statement, language),
};

const kinds = Object.entries(pages).flatMap(([name, page]) =>
  LANGUAGES.map((language) => ({ name: `${name} (${language})`, page: page(language) })),
);

async function render(): Promise<Uint8Array[]> {
  const made = kinds.map(({ page }) => renderPdf(page, { createdAt, logo }));
  return (await Promise.all(made)).map(({ bytes }) => bytes);
}

/** Named, so that a failure shows which document breaks which rule. */
const named = (rules: readonly string[][]) =>
  Object.fromEntries(kinds.map(({ name }, n) => [name, rules[n]]));

it('every kind of document is a valid PDF/A-3b in both languages', async () => {
  expect(named(await brokenRules('3b', await render()))).toEqual(named(kinds.map(() => [])));
});

it('the structure of every kind of document is accessible: of PDF/UA-1, only the claim to conform is missing', async () => {
  expect(named(await brokenRules('ua1', await render()))).toEqual(named(kinds.map(() => ['5-1'])));
});

/** A file that claims to be PDF/A-3b, but uses a font that it does not contain, and has no structure. */
async function brokenOnPurpose(): Promise<Uint8Array> {
  const pdf = new PdfKit({ pdfVersion: '1.7', subset: 'PDF/A-3b' });
  pdf.text('The font of this text is not embedded.');
  pdf.end();
  const chunks: Buffer[] = [];
  for await (const chunk of pdf) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

it('a file without its font or without a structure is refused', async () => {
  const file = await brokenOnPurpose();
  // ISO 19005-3, 6.2.11.4.1: fonts are embedded. ISO 14289-1, 7.1: content is tagged.
  expect((await brokenRules('3b', [file]))[0]).toContain('6.2.11.4.1-1');
  expect((await brokenRules('ua1', [file]))[0]).toEqual(expect.arrayContaining(['7.1-3', '7.1-11']));
});
