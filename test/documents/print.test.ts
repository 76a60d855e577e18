import { describe, expect, it } from 'vitest';
import { type PrintedDocument, type PrintedLine, printDocument } from '../../documents/print.ts';

const line = (position: number, more: Partial<PrintedLine>): PrintedLine => ({
  position,
  from: '2016-12-01',
  to: '2017-01-01',
  text: '',
  reference: null,
  quantity: '1',
  unitPrice: '0',
  amountMinor: 0n,
  share: null,
  ...more,
});
const surveys = { text: 'Survey transactions GRC Cockpit', from: '2016-11-01', to: '2016-12-01' };

/** The invoice of the samples. */
const muster: PrintedDocument = {
  kind: 'invoice',
  number: 'S-12/2016-1234',
  title: 'Rechnung German BusinessCloud Dez. 2016',
  issueDate: '2016-12-01',
  dueDate: '2017-01-30',
  serviceFrom: '2016-11-01',
  serviceTo: '2017-01-01',
  currency: 'EUR',
  priceMode: 'net',
  issuer: {
    name: 'Übergeordneter Mandant GmbH',
    address: { line1: 'Keithstr. 6', postal_code: '10787', city: 'Berlin' },
    vat_id: 'DE136695976',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFF',
    bank_name: 'Bank AG',
  },
  recipient: {
    name: 'Untermandant Muster GmbH',
    department: 'Personalabteilung',
    contact: 'Erika Musterfrau',
    address: { line1: 'Musterstraße 42', postal_code: '12345', city: 'Musterstadt' },
    vat_id: 'DE136695976',
    tax_number: '123456789',
    iban: 'DE89370400440532013000',
    reference: 'VUDH736DBH',
  },
  lines: [
    line(1, {
      from: '2016-11-15',
      to: '2016-11-16',
      text: 'Workshop Cloud Compliance',
      unitPrice: '7500',
      amountMinor: 750000n,
    }),
    line(2, {
      text: 'User licence GRC Cockpit',
      reference: 'AB200576 6',
      quantity: '3',
      unitPrice: '283.3333',
      amountMinor: 85000n,
    }),
    line(3, { ...surveys, quantity: '25', unitPrice: '0.952', amountMinor: 2380n }),
    line(4, { ...surveys, quantity: '5', unitPrice: '4.7', amountMinor: 2350n }),
    line(5, {
      from: '2016-11-20',
      to: '2016-11-21',
      text: 'Credit: loyalty points redeemed',
      quantity: '2',
      unitPrice: '-5',
      amountMinor: -1000n,
    }),
  ],
  taxes: [{ category: 'standard', rate: '19', text: 'VAT 19 %', netMinor: 838730n, taxMinor: 159359n }],
  netMinor: 838730n,
  grossMinor: 998089n,
};

describe('a document as a page of text', () => {
  it("prints Muster's invoice in German, to the letter", () => {
    expect(printDocument(muster, 'de')).toMatchInlineSnapshot(`
      "Übergeordneter Mandant GmbH
      Keithstr. 6
      10787 Berlin

      Untermandant Muster GmbH                        Rechnung Nr.                  S-12/2016-1234
      Personalabteilung                               Datum                             01.12.2016
      Erika Musterfrau                                Fällig am                         30.01.2017
      Musterstraße 42                                 Leistungszeitraum  01.11.2016 bis 31.12.2016
      12345 Musterstadt                               Ihr Zeichen                       VUDH736DBH
                                                      Ihre USt-IdNr.                   DE136695976

      Rechnung German BusinessCloud Dez. 2016

      Nr.  Leistung    Bezeichnung                                    Menge  Einzelpreis     Netto
      --------------------------------------------------------------------------------------------
        1  15.11.2016  Workshop Cloud Compliance                          1     7.500,00  7.500,00
        2  Dez. 2016   User licence GRC Cockpit                           3     283,3333    850,00
                       Ref. AB200576 6
        3  Nov. 2016   Survey transactions GRC Cockpit                   25        0,952     23,80
        4  Nov. 2016   Survey transactions GRC Cockpit                    5         4,70     23,50
        5  20.11.2016  Credit: loyalty points redeemed                    2        -5,00    -10,00
      --------------------------------------------------------------------------------------------
                                                                        Netto             8.387,30
                                                                        USt. 19 %         1.593,59
                                                                        Gesamtbetrag EUR  9.980,89

      USt-IdNr. DE136695976
      Bankverbindung: Bank AG · IBAN DE89 3704 0044 0532 0130 00 · BIC COBADEFF
      "
    `);
  });

  it('prints the same invoice in English', () => {
    expect(printDocument(muster, 'en')).toMatchInlineSnapshot(`
      "Übergeordneter Mandant GmbH
      Keithstr. 6
      10787 Berlin

      Untermandant Muster GmbH                            Invoice no.               S-12/2016-1234
      Personalabteilung                                   Date                          2016-12-01
      Erika Musterfrau                                    Due                           2017-01-30
      Musterstraße 42                                     Service period  2016-11-01 to 2016-12-31
      12345 Musterstadt                                   Your reference                VUDH736DBH
                                                          Your VAT id                  DE136695976

      Rechnung German BusinessCloud Dez. 2016

      No.  Service     Description                                  Quantity  Unit price       Net
      --------------------------------------------------------------------------------------------
        1  2016-11-15  Workshop Cloud Compliance                           1    7,500.00  7,500.00
        2  Dec 2016    User licence GRC Cockpit                            3    283.3333    850.00
                       Ref. AB200576 6
        3  Nov 2016    Survey transactions GRC Cockpit                    25       0.952     23.80
        4  Nov 2016    Survey transactions GRC Cockpit                     5        4.70     23.50
        5  2016-11-20  Credit: loyalty points redeemed                     2       -5.00    -10.00
      --------------------------------------------------------------------------------------------
                                                                               Net        8,387.30
                                                                               VAT 19 %   1,593.59
                                                                               Total EUR  9,980.89

      VAT id DE136695976
      Bank account: Bank AG · IBAN DE89 3704 0044 0532 0130 00 · BIC COBADEFF
      "
    `);
  });

  const rowsOf = (document: Partial<PrintedDocument>, language: 'de' | 'en' = 'en'): string[] =>
    printDocument({ ...muster, ...document }, language)
      .split('\n')
      .map((row) => row.replace(/ +/g, ' ').trim());

  it('says which part of a period a line is for, and gives its first and last day', () => {
    const part = {
      text: 'Pro monthly',
      from: '2024-01-16',
      to: '2024-02-01',
      share: { days: 16, of: 31, unit: 'day' },
    } as const;
    const lines = [line(1, { ...part, unitPrice: '99', amountMinor: 5110n })];
    expect(rowsOf({ lines })).toContain('1 2024-01-16 to 2024-01-31 Pro monthly 1 99.00 51.10');
    expect(rowsOf({ lines })).toContain('16 of 31 days');
    expect(rowsOf({ lines }, 'de')).toContain('1 16.01.2024 bis 31.01.2024 Pro monthly 1 99,00 51,10');
    expect(rowsOf({ lines }, 'de')).toContain('16 von 31 Tagen');
    const share = { days: 1_382_400, of: 2_678_400, unit: 'second' } as const;
    const seconds = [line(1, { ...part, share, unitPrice: '99', amountMinor: 5110n })];
    expect(rowsOf({ lines: seconds })).toContain('1,382,400 of 2,678,400 seconds');
    expect(rowsOf({ lines: seconds }, 'de')).toContain('1.382.400 von 2.678.400 Sekunden');
  });

  it('names a credit note so, with its own signs, and asks for no money by a day', () => {
    const credited = {
      kind: 'credit_note',
      number: 'G-2024-0001',
      taxes: [{ category: 'standard', rate: '19', text: '', netMinor: -4667n, taxMinor: -887n }],
      netMinor: -4667n,
      grossMinor: -5554n,
    } as const;
    const german = rowsOf(credited, 'de');
    expect(german).toContain('Untermandant Muster GmbH Rechnungskorrektur Nr. G-2024-0001');
    expect(german.slice(-7, -4)).toEqual(['Netto -46,67', 'USt. 19 % -8,87', 'Gesamtbetrag EUR -55,54']);
    expect(german.join('\n')).not.toContain('Fällig');
  });

  it('gives each rate with what it is on, and a rate that is not the standard one in its own words', () => {
    const taxes = [
      { category: 'standard', rate: '19', text: '', netMinor: 10000n, taxMinor: 1900n },
      { category: 'reverse', rate: '0', text: 'Reverse charge', netMinor: 5000n, taxMinor: 0n },
    ];
    const rows = rowsOf({ taxes, netMinor: 15000n, grossMinor: 16900n });
    expect(rows.slice(-8, -4)).toEqual([
      'Net 150.00',
      'VAT 19 % on 100.00 19.00',
      'Reverse charge on 50.00 0.00',
      'Total EUR 169.00',
    ]);
  });

  it('says that amounts are gross, and prints nothing of a person that was erased', () => {
    const gross = printDocument({ ...muster, priceMode: 'gross', recipient: null, issuer: null }, 'de');
    expect(gross).toContain('Einzelpreis    Brutto');
    expect(gross).not.toMatch(/Muster GmbH|Musterfrau|VUDH736DBH|Bank/);
    expect(gross.match(/\(gelöscht\)/g)).toHaveLength(2);
  });

  it('is never wider than its page, however long its texts are', () => {
    const long = 'Donaudampfschifffahrtsgesellschaft '.repeat(5).trim();
    const page = printDocument(
      {
        ...muster,
        title: long,
        issuer: { name: long, bank_name: long, iban: 'DE89370400440532013000' },
        recipient: { name: 'x'.repeat(200), reference: 'y'.repeat(100) },
        taxes: [{ category: 'reverse', rate: '0', text: long, netMinor: 0n, taxMinor: 0n }],
        lines: [line(1, { text: long, reference: 'q'.repeat(80), from: '2024-01-16', to: '2024-03-03' })],
      },
      'de',
    );
    expect(page.split('\n').filter((row) => Array.from(row).length > 92)).toEqual([]);
    expect([page.match(/x/g)?.length, page.match(/y/g)?.length, page.match(/q/g)?.length]).toEqual([
      200, 100, 80,
    ]);
  });
});
