// The samples that the demo runs after its year: the account of Muster, a second one, and a yearly fee with storage and usage.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TenorClient, createClient } from '../../client/index.ts';
import { type Books, differences, liveTales, printMuster } from '../../dev/demo/live.ts';
import { MUSTER_TALE, SECOND_TALE } from '../../dev/demo/muster.ts';
import { YEARLY_TALE } from '../../dev/demo/yearly.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TenorClient;
let lived: Books[];

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool } = tenor.parts;
  const { test } = await createMerchant(pool, 'Samples');
  const { key } = await createApiKey(pool, test, 'story', ['admin']);
  api = createClient({ baseUrl: tenor.apiUrl, apiKey: key });
  lived = await liveTales(api, [YEARLY_TALE, MUSTER_TALE, SECOND_TALE], () => undefined);
}, 120_000);
afterAll(async () => {
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await tenor.stop();
});

const wrong = (tale: typeof MUSTER_TALE): string[] =>
  lived.flatMap((books) => (books.has(Object.keys(tale.expected)[0] ?? '') ? differences(tale, books) : []));
const documentsOf = (short: string) =>
  lived
    .flatMap((books) => [...(books.get(short)?.documents ?? [])])
    .map(({ number, gross }) => [number, gross]);

describe('the samples', () => {
  it('bill Muster 9980.89 on S-12/2016-1234, with the charge, licences, tiers and credit in this order (rules 4, 12, 17, 29)', () => {
    expect(documentsOf('muster')).toEqual([
      ['S-10/2016-1232', '2300.80'],
      ['S-11/2016-1233', '8500.00'],
      ['S-12/2016-1234', '9980.89'],
    ]);
    expect(wrong(MUSTER_TALE)).toEqual([]);
  });

  it('print the positions of the invoice with all digits of their prices', async () => {
    const rows = (await printMuster(api, lived)).split('\n').map((row) => row.replace(/ +/g, ' ').trim());
    for (const row of [
      '1 15.11.2016 Workshop Cloud Compliance 1 7.500,00 7.500,00',
      '3 Nov. 2016 Survey transactions GRC Cockpit 25 0,952 23,80',
      '4 Nov. 2016 Survey transactions GRC Cockpit 5 4,70 23,50',
      '5 20.11.2016 Credit: loyalty points redeemed 2 -5,00 -10,00',
    ]) {
      expect(rows).toContain(row);
    }
  });

  it('leave 74.50 on the second account (rule 32)', () => {
    expect(documentsOf('second')).toEqual([['S-02/2015-1232', '75.00']]);
    expect(wrong(SECOND_TALE)).toEqual([]);
  });

  it('bill twelve months of storage at once under a yearly fee, and 2000 calls with 500 included at 10.00 (rules 3, 4, 13, 27)', () => {
    expect(documentsOf('suedwind')).toEqual([
      ['R-2024-0001', '1249.50'],
      ['R-2024-0002', '11.90'],
    ]);
    expect(wrong(YEARLY_TALE)).toEqual([]);
  });
});
