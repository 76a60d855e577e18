import { expect, it } from 'vitest';
import { renderPdf } from '../../documents/pdf/render.ts';
import { printReceipt } from '../../documents/print.ts';
import { pageOfReceipt } from '../../documents/receipt.ts';
import { pageOfStatement } from '../../documents/statement.ts';
import { muster, receipt, statement } from '../support/printed.ts';
import { readPdf } from '../support/read-pdf.ts';

const createdAt = new Date('2024-03-01T09:00:00Z');

it('a receipt has a row for each paid invoice, and one for the rest', () => {
  expect(pageOfReceipt(receipt, 'en').rows).toEqual([
    {
      cells: { date: '2024-01-31', amount: '117.81' },
      texts: ['Invoice no. R-2024-0001'],
      carried: '117.81',
    },
    { cells: { date: '', amount: '32.19' }, texts: ['Credit on your account'], carried: '150.00' },
  ]);
  expect(pageOfReceipt({ ...receipt, amountMinor: 11_781n }, 'en').rows).toHaveLength(1);
});

it('a receipt of a payment that was reversed says so', () => {
  expect(printReceipt({ ...receipt, isReversed: true }, 'de')).toContain(
    'Diese Zahlung wurde zurückgebucht.',
  );
  expect(printReceipt(receipt, 'de')).not.toContain('zurückgebucht');
});

it('a receipt shows no data of an erased person', () => {
  expect(printReceipt({ ...receipt, recipient: null }, 'en')).not.toMatch(/Muster GmbH|Musterfrau/);
});

it('a statement carries its balance from page to page', async () => {
  const { bytes } = await renderPdf(pageOfStatement(statement, 'en'), { createdAt });
  const { pages } = await readPdf(bytes);
  expect(pages.length).toBeGreaterThan(2);
  expect(pages[0]).toContain(
    '|2024-02-01|Opening balance|10.00|2024-02-05|Invoice no. R-2024-1|Entry 1|-1.00|9.00|',
  );
  const carried = (page = ''): string[] => page.match(/Carried forward\|-?[\d.]+/g) ?? [];
  for (const [n, page] of pages.slice(1).entries()) expect(carried(page)[0]).toBe(carried(pages[n]).at(-1));
  expect(pages.at(-1)).toContain('|Closing balance EUR|-50.00|');
});

it('the issuer of a statement may have no imprint', async () => {
  const page = pageOfStatement(
    { ...statement, issuer: { name: muster.issuer?.name ?? '' }, entries: [] },
    'de',
  );
  const { pages } = await readPdf((await renderPdf(page, { createdAt })).bytes);
  expect(pages).toHaveLength(1);
});
