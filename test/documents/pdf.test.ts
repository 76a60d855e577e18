import { describe, expect, it } from 'vitest';
import { pageOf } from '../../documents/description.ts';
import type { PrintedDocument } from '../../documents/document.ts';
import { renderPdf } from '../../documents/pdf/render.ts';
import { line, muster } from '../support/printed.ts';
import { readCode } from '../support/read-code.ts';
import { type ReadPdf, readPdf } from '../support/read-pdf.ts';

const createdAt = new Date('2016-12-01T09:00:00Z');
const pdfOf = (change: Partial<PrintedDocument> = {}, language: 'de' | 'en' = 'en') =>
  renderPdf(pageOf({ ...muster, ...change }, language), { createdAt });
const read = async (change: Partial<PrintedDocument> = {}, language: 'de' | 'en' = 'en'): Promise<ReadPdf> =>
  readPdf((await pdfOf(change, language)).bytes);
const many = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    line(n + 1, { text: `Room ${n + 1}`, unitPrice: '1', amountMinor: 100n }),
  );

describe('a PDF', () => {
  it('has the text of an invoice in the order in which it is read', async () => {
    const { pages } = await read({ payment: 'transfer' }, 'de');
    expect(pages).toEqual([
      [
        'Übergeordneter Mandant GmbH|Keithstr. 6|10787 Berlin',
        'Untermandant Muster GmbH|Personalabteilung|Erika Musterfrau|Musterstraße 42|12345 Musterstadt',
        'Datum|01.12.2016|Fällig am|30.01.2017|Leistungszeitraum|01.11.2016 bis 31.12.2016',
        'Ihr Zeichen|VUDH736DBH|Ihre USt-IdNr.|DE136695976',
        'Rechnung Nr. S-12/2016-1234|Rechnung German BusinessCloud Dez. 2016',
        'Nr.|Leistung|Bezeichnung|Menge|Einzelpreis|Netto',
        '1|15.11.2016|Workshop Cloud Compliance|1|7.500,00|7.500,00',
        '2|Dez. 2016|User licence GRC Cockpit|Ref. AB200576 6|3|283,3333|850,00',
        '3|Nov. 2016|Survey transactions GRC Cockpit|Staffel 1–25|25|0,952|23,80',
        '4|Nov. 2016|Survey transactions GRC Cockpit|Staffel ab 26|5|4,70|23,50',
        '5|20.11.2016|Credit: loyalty points redeemed|2|-5,00|-10,00',
        'Netto|8.387,30|USt. 19 %|1.593,59|Gesamtbetrag EUR|9.980,89',
        'Bitte überweisen Sie 9.980,89 EUR bis zum 30.01.2017 auf das unten genannte Konto.',
        'Verwendungszweck: S-12/2016-1234',
        'USt-IdNr. DE136695976|Bankverbindung|Bank AG|IBAN DE89 3704 0044 0532 0130 00|BIC COBADEFF',
        'Seite 1 von 1',
      ].join('|'),
    ]);
  });

  it('has a structure of headings, paragraphs and tables, a title and a language', async () => {
    const { roles, title, language } = await read({ payment: 'transfer', lines: muster.lines.slice(0, 1) });
    const pairs = (count: number): string => Array.from({ length: count }, () => 'TR(TH TD)').join(' ');
    expect(roles).toEqual([
      `Root(Document(P P Table(${pairs(5)}) H1 P ` +
        `Table(TR(TH TH TH TH TH TH) TR(TD TD TD TD TD TD)) Table(${pairs(3)}) Figure P P P))`,
    ]);
    expect([title, language]).toEqual(['Invoice no. S-12/2016-1234', 'en']);
  });

  it('carries the sum of the lines from page to page', async () => {
    const { pages } = await read({ lines: many(40) });
    expect(pages).toHaveLength(2);
    expect(pages[0]).toMatch(/\|17\|Dec 2016\|Room 17\|1\|1.00\|1.00\|Carried forward\|17.00\|/);
    expect(pages[1]).toMatch(
      /^Invoice no. S-12\/2016-1234\|No.\|Service\|Description\|Quantity\|Unit price\|Net\|Carried forward\|17.00\|18\|/,
    );
    expect(pages[0]).toMatch(/\|Page 1 of 2$/);
    expect(pages[1]).toMatch(/\|Page 2 of 2$/);
  });

  it('has a heading and a subtotal for each of several contracts, and none for one', async () => {
    const lines = [
      line(1, { text: 'Workshop', amountMinor: 3_000n }),
      line(2, { text: 'Room', contract: 'crm', amountMinor: 2_800n }),
      line(3, { text: 'Hall', contract: 'erp', amountMinor: 5_600n }),
      line(4, { text: 'Desk', contract: 'crm', amountMinor: 3_100n }),
    ];
    const { pages, roles } = await read({ lines });
    expect(pages[0]).toContain(
      [
        'Net|Other services|1|Dec 2016|Workshop|1|0.00|30.00|Subtotal|30.00',
        'Contract crm|2|Dec 2016|Room|1|0.00|28.00|4|Dec 2016|Desk|1|0.00|31.00|Subtotal|59.00',
        'Contract erp|3|Dec 2016|Hall|1|0.00|56.00|Subtotal|56.00|Net|8,387.30',
      ].join('|'),
    );
    expect(roles[0]).toContain('TR(TH TD TD TD TD TD) TR(TD TD TD TD TD TD) TR(TD TD TH TD TD TD)');
    const { pages: one } = await read({ lines: lines.filter(({ contract }) => contract === 'crm') });
    expect(one[0]).not.toMatch(/Contract|Subtotal/);
  });

  it('keeps a heading on the page of its first line, and carries the sum of all lines', async () => {
    const lines = many(40).map((each, n) => ({ ...each, contract: n < 14 ? 'crm' : 'erp' }));
    const { pages } = await read({ lines });
    expect(pages).toHaveLength(3);
    expect(pages[0]).toMatch(
      /\|Subtotal\|14.00\|Contract erp\|15\|Dec 2016\|Room 15\|1\|1.00\|1.00\|Carried forward\|15.00\|/,
    );
    expect(pages[1]).toMatch(/\|Net\|Carried forward\|15.00\|16\|/);
    expect(pages[2]).toMatch(
      /\|Carried forward\|39.00\|40\|Dec 2016\|Room 40\|1\|1.00\|1.00\|Subtotal\|26.00\|Net\|/,
    );
  });

  it('has the limit of a price, and the units that the price includes', async () => {
    const lines = [
      line(1, { text: 'Calls', quantity: '600', unitPrice: '0.96', amountMinor: 57_600n }),
      line(2, {
        text: 'Calls',
        unitPrice: '-76',
        amountMinor: -7_600n,
        priceNote: { kind: 'cap', cap: '500' },
      }),
      line(3, { text: 'Seats', quantity: '5', priceNote: { kind: 'included' } }),
    ];
    const { pages } = await read({ lines }, 'de');
    expect(pages[0]).toContain(
      '|2|Dez. 2016|Calls|Höchstbetrag 500,00|1|-76,00|-76,00|3|Dez. 2016|Seats|Im Preis enthalten|5|0,00|0,00|',
    );
  });

  it('prints each of 300 lines once', async () => {
    const { pages } = await read({ lines: many(300) });
    const printed = pages.join('|').match(/Room \d+/g);
    expect(printed).toEqual(many(300).map(({ text }) => text));
  });

  it('has the same bytes for the same document, whatever was printed before', async () => {
    const first = await pdfOf();
    await pdfOf({ title: 'ﬁ ı Αθήνα', lines: many(3) });
    expect(Buffer.from((await pdfOf()).bytes).equals(Buffer.from(first.bytes))).toBe(true);
  });

  it('prints Latin, Greek and Cyrillic letters', async () => {
    const title = 'Łódź, Ősz, Αθήνα, Київ, ﬁn, Ιﬀ, 12 €';
    const { bytes, replaced } = await pdfOf({ title });
    expect(replaced).toEqual([]);
    expect((await readPdf(bytes)).pages[0]).toContain(`|${title}|`);
  });

  it('draws at most four marks over a letter', async () => {
    const { bytes } = await pdfOf({ title: `N${'\u0307'.repeat(60)}` });
    expect((await readPdf(bytes)).pages[0]).toMatch(/\|N\u0307{1,4}\||\|\u1E44\u0307{1,4}\|/);
  });

  it('shows a sign for each character that it cannot print, and reports the characters', async () => {
    const { bytes, replaced } = await pdfOf({ title: '王小明 שלום 🎉 Muster\u200B\n王' });
    expect(replaced).toEqual(['王', '小', '明', 'ש', 'ל', 'ו', 'ם', '🎉']);
    expect((await readPdf(bytes)).pages[0]).toContain('|��� ���� � Muster �|');
  });

  it('has a code that fills in the transfer, for the amount that account credit leaves', async () => {
    const { bytes } = await pdfOf({ payment: 'transfer', creditedMinor: 27_458n }, 'de');
    expect(await readCode(bytes)).toBe(
      'BCD\n002\n1\nSCT\nCOBADEFF\nÜbergeordneter Mandant GmbH\nDE89370400440532013000\nEUR9706.31\n\n\nS-12/2016-1234',
    );
    expect((await readPdf(bytes)).pages[0]).toContain(
      'Gesamtbetrag EUR|9.980,89|Verrechnetes Guthaben|-274,58|Zahlbetrag EUR|9.706,31|Bitte überweisen Sie 9.706,31 EUR',
    );
    expect(await readCode((await pdfOf({ payment: 'charge' })).bytes)).toBeNull();
  });

  it('of a credit note, of an amount that is charged and of a zero total has no transfer', async () => {
    const text = async (change: Partial<PrintedDocument>): Promise<string> =>
      (await read(change)).pages.join();
    expect(await text({ payment: 'charge' })).toContain('charged to your payment method on file');
    expect(await text({ payment: 'transfer', kind: 'credit_note' })).not.toContain('transfer');
    expect(await text({ payment: 'transfer', grossMinor: 0n })).not.toContain('transfer');
    expect(await text({})).not.toMatch(/transfer|charged/);
  });

  it('shows no data of an erased person', async () => {
    const { pages } = await read({ issuer: null, recipient: null, payment: 'transfer' }, 'de');
    expect(pages.join()).not.toMatch(/Muster GmbH|Musterfrau|VUDH736DBH|Bank/);
    expect(pages.join().match(/\(gelöscht\)/g)).toHaveLength(2);
  });

  it('has the longest IBAN on one line, beside a long legal notice', async () => {
    const issuer = {
      name: 'Wolkenwerk GmbH',
      vat_id: 'DE136695976',
      iban: 'MT84MALT011000012345MTLCAST001S000',
      legal_notice: 'Register '.repeat(20),
    };
    expect((await read({ issuer })).pages[0]).toContain('|IBAN MT84 MALT 0110 0001 2345 MTLC AST0 01S0 00|');
  });

  it('loses no part of a long text', async () => {
    const name = 'x'.repeat(200);
    const { pages } = await read({
      title: 'Long',
      recipient: { name, reference: 'y'.repeat(100) },
      lines: [line(1, { text: 'z'.repeat(400), unitPrice: '123456789012.123456789012345678' })],
    });
    const count = (sign: RegExp): number | undefined => pages.join().match(sign)?.length;
    expect([count(/x/g), count(/z/g)]).toEqual([200, 400]);
    expect(pages.join().replaceAll('|', '')).toContain('123,456,789,012.123456789012345678');
  });
});
