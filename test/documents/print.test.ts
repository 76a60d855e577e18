import { describe, expect, it } from 'vitest';
import type { PrintedDocument } from '../../documents/document.ts';
import { printDocument } from '../../documents/print.ts';
import { line, muster } from '../support/printed.ts';

describe('a printed document', () => {
  it('shows the invoice of Muster in German', () => {
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
                       Staffel 1–25
        4  Nov. 2016   Survey transactions GRC Cockpit                    5         4,70     23,50
                       Staffel ab 26
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

  it('shows the same invoice in English', () => {
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
                       Tier 1–25
        4  Nov 2016    Survey transactions GRC Cockpit                     5        4.70     23.50
                       Tier from 26
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

  it('shows the fraction of a period at a line, with its first and last day', () => {
    const part = {
      text: 'Pro monthly',
      from: '2024-01-16',
      to: '2024-02-01',
      fraction: { used: 16, of: 31, unit: 'day' },
    } as const;
    const lines = [line(1, { ...part, unitPrice: '99', amountMinor: 5110n })];
    expect(rowsOf({ lines })).toContain('1 2024-01-16 to 2024-01-31 Pro monthly 1 99.00 51.10');
    expect(rowsOf({ lines })).toContain('16 of 31 days');
    expect(rowsOf({ lines }, 'de')).toContain('1 16.01.2024 bis 31.01.2024 Pro monthly 1 99,00 51,10');
    expect(rowsOf({ lines }, 'de')).toContain('16 von 31 Tagen');
    const fraction = { used: 1_382_400, of: 2_678_400, unit: 'second' } as const;
    const seconds = [line(1, { ...part, fraction, unitPrice: '99', amountMinor: 5110n })];
    expect(rowsOf({ lines: seconds })).toContain('1,382,400 of 2,678,400 seconds');
    expect(rowsOf({ lines: seconds }, 'de')).toContain('1.382.400 von 2.678.400 Sekunden');
  });

  it('shows a credit note as such, with negative amounts and without a due date', () => {
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

  const invoice = (n: number, issueDate: string) =>
    ({ document: { id: `doc_${n}`, kind: 'invoice', number: `R-2023-000${n}`, issueDate } }) as const;
  const quarter = {
    from: '2023-02-22',
    to: '2023-03-01',
    fraction: { used: 7, of: 28, unit: 'day' },
  } as const;
  const room = line(1, {
    ...quarter,
    text: 'Room',
    unitPrice: '28',
    amountMinor: -700n,
    credited: invoice(1, '2023-02-01'),
  });
  const surveysBack = line(2, {
    ...quarter,
    text: 'Surveys',
    quantity: '25',
    unitPrice: '0.952',
    amountMinor: -595n,
    tier: { index: 0, from: '0', to: '25', includes: 'to' },
    credited: invoice(1, '2023-02-01'),
  });
  const desk = line(3, {
    ...quarter,
    text: 'Desk',
    unitPrice: '31',
    amountMinor: -775n,
    credited: invoice(2, '2023-02-19'),
  });
  const creditNote = {
    kind: 'credit_note',
    number: 'G-2023-0001',
    title: 'Gutschrift Room',
    issueDate: '2023-02-22',
    serviceFrom: '2023-02-22',
    serviceTo: '2023-03-01',
    issuer: { name: 'Wolkenwerk GmbH' },
    recipient: { name: 'Muster GmbH' },
    lines: [room, surveysBack, desk],
    taxes: [{ category: 'standard', rate: '19', text: '', netMinor: -2070n, taxMinor: -393n }],
    netMinor: -2070n,
    grossMinor: -2463n,
  } as const;

  it('names the credited invoices of a credit note, and the one of each line, in German (rule 16)', () => {
    expect(printDocument({ ...muster, ...creditNote }, 'de')).toMatchInlineSnapshot(`
      "Wolkenwerk GmbH

      Muster GmbH                               Rechnungskorrektur Nr.                 G-2023-0001
                                                Datum                                   22.02.2023
                                                Zu Rechnung             R-2023-0001 vom 01.02.2023
                                                Zu Rechnung             R-2023-0002 vom 19.02.2023
                                                Leistungszeitraum        22.02.2023 bis 28.02.2023

      Gutschrift Room

      Nr.  Leistung                   Bezeichnung                        Menge  Einzelpreis  Netto
      --------------------------------------------------------------------------------------------
        1  22.02.2023 bis 28.02.2023  Room                                   1        28,00  -7,00
                                      7 von 28 Tagen
                                      Zu Rechnung R-2023-0001
        2  22.02.2023 bis 28.02.2023  Surveys                               25        0,952  -5,95
                                      Staffel 1–25
                                      7 von 28 Tagen
                                      Zu Rechnung R-2023-0001
        3  22.02.2023 bis 28.02.2023  Desk                                   1        31,00  -7,75
                                      7 von 28 Tagen
                                      Zu Rechnung R-2023-0002
      --------------------------------------------------------------------------------------------
                                                                          Netto             -20,70
                                                                          USt. 19 %          -3,93
                                                                          Gesamtbetrag EUR  -24,63
      "
    `);
  });

  it('names the credited invoices in English', () => {
    expect(printDocument({ ...muster, ...creditNote }, 'en')).toMatchInlineSnapshot(`
      "Wolkenwerk GmbH

      Muster GmbH                                      Credit note no.                 G-2023-0001
                                                       Date                             2023-02-22
                                                       Corrects invoice  R-2023-0001 of 2023-02-01
                                                       Corrects invoice  R-2023-0002 of 2023-02-19
                                                       Service period     2023-02-22 to 2023-02-28

      Gutschrift Room

      No.  Service                   Description                       Quantity  Unit price    Net
      --------------------------------------------------------------------------------------------
        1  2023-02-22 to 2023-02-28  Room                                     1       28.00  -7.00
                                     7 of 28 days
                                     Corrects invoice R-2023-0001
        2  2023-02-22 to 2023-02-28  Surveys                                 25       0.952  -5.95
                                     Tier 1–25
                                     7 of 28 days
                                     Corrects invoice R-2023-0001
        3  2023-02-22 to 2023-02-28  Desk                                     1       31.00  -7.75
                                     7 of 28 days
                                     Corrects invoice R-2023-0002
      --------------------------------------------------------------------------------------------
                                                                                 Net        -20.70
                                                                                 VAT 19 %    -3.93
                                                                                 Total EUR  -24.63
      "
    `);
  });

  it("names the only credited invoice of a credit note once, and that of an invoice's line at the line", () => {
    const mentions = (document: Partial<PrintedDocument>): string[] =>
      rowsOf(document).filter((row) => /Corrects|^2023-02-01/.test(row));
    expect(mentions({ ...creditNote, lines: [room, surveysBack] })).toEqual([
      'Corrects invoice R-2023-0001 of 2023-02-01',
    ]);
    const granted = line(1, { text: 'Loyalty', amountMinor: -1000n });
    expect(mentions({ ...creditNote, lines: [granted] })).toEqual([]);
    expect(mentions({ lines: [room, line(2, { text: 'Hall', amountMinor: 1400n })] })).toEqual([
      'Corrects invoice R-2023-0001 of',
      '2023-02-01',
    ]);
    const note = { id: 'doc_3', kind: 'credit_note', number: 'G-1', issueDate: '2023-02-19' } as const;
    expect(mentions({ lines: [{ ...room, credited: { document: note } }] })).toEqual([
      'Corrects credit note G-1 of',
    ]);
  });

  it.each([
    ['25', '100', 'to', '75', 'Staffel 26–100', 'Tier 26–100'],
    ['1000', '10000', 'to', '9000', 'Staffel 1.001–10.000', 'Tier 1,001–10,000'],
    ['100', null, 'to', '5', 'Staffel ab 101', 'Tier from 101'],
    ['0', '1', 'to', '1', 'Staffel 1', 'Tier 1'],
    ['25', '100', 'to', '2.5', 'Staffel über 25 bis 100', 'Tier above 25 up to 100'],
    ['0.5', null, 'to', '1', 'Staffel über 0,5', 'Tier above 0.5'],
    ['10', '50', 'from', '12', 'Staffel 10–49', 'Tier 10–49'],
    ['50', null, 'from', '60', 'Staffel ab 50', 'Tier from 50'],
    ['10', '50', 'from', '12.5', 'Staffel ab 10 bis unter 50', 'Tier from 10 to below 50'],
    ['7.5', null, 'from', '8', 'Staffel ab 7,5', 'Tier from 7.5'],
  ] as const)(
    'shows the tier from %s to %s, `%s` included, of %s units as %s',
    (from, to, includes, quantity, german, english) => {
      const lines = [line(1, { quantity, tier: { index: 1, from, to, includes } })];
      expect(rowsOf({ lines }, 'de')).toContain(german);
      expect(rowsOf({ lines }, 'en')).toContain(english);
    },
  );

  it('shows the percent of a discount, and the price that it is taken from: 12 × 100.00 less 5 % is 1,140.00', () => {
    const tier = { index: 0, from: '10', to: '50', includes: 'from' } as const;
    const priceNote = { kind: 'discount', percent: '5', price: '100.00' } as const;
    const lines = [
      line(1, { text: 'Licence', quantity: '12', unitPrice: '95', amountMinor: 114000n, tier, priceNote }),
    ];
    const german = rowsOf({ lines }, 'de');
    const first = german.indexOf('1 Dez. 2016 Licence 12 95,00 1.140,00');
    expect(german.slice(first + 1, first + 3)).toEqual(['Staffel 10–49', '5 % Rabatt auf 100,00']);
    const english = rowsOf({ lines });
    const second = english.indexOf('1 Dec 2016 Licence 12 95.00 1,140.00');
    expect(english.slice(second + 1, second + 3)).toEqual(['Tier 10–49', '5 % discount on 100.00']);
    const fine = [line(1, { tier, priceNote: { kind: 'discount', percent: '12.50', price: '0.065' } })];
    expect(rowsOf({ lines: fine }, 'de')).toContain('12,5 % Rabatt auf 0,065');
  });

  it('shows no bounds of a single tier', () => {
    const lines = [line(1, { tier: { index: 0, from: '0', to: null, includes: 'to' } })];
    expect(rowsOf({ lines }).join('\n')).not.toContain('Tier');
  });

  it('shows each tax rate with its net amount, and a rate of another category with its text', () => {
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

  it('shows that amounts are gross, and no data of an erased person', () => {
    const gross = printDocument({ ...muster, priceMode: 'gross', recipient: null, issuer: null }, 'de');
    expect(gross).toContain('Einzelpreis    Brutto');
    expect(gross).not.toMatch(/Muster GmbH|Musterfrau|VUDH736DBH|Bank/);
    expect(gross.match(/\(gelöscht\)/g)).toHaveLength(2);
  });

  it('is never wider than 92 characters, however long its texts are', () => {
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
