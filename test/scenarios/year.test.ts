import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { differences, liveTales } from '../../dev/demo/live.ts';
import { YEAR } from '../../dev/demo/year.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { sandboxBooks } from '../../psp/sandbox/books.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
beforeAll(async () => {
  tenor = await startTestTenor();
});
afterAll(() => tenor.stop());

describe('a year of a subscription business', () => {
  it(
    'makes 35 invoices and one credit note with the amounts calculated by hand, and nothing else',
    { timeout: 120_000 },
    async () => {
      const { pool } = tenor.parts;
      const { test } = await createMerchant(pool, 'Wolkenwerk');
      const { key } = await createApiKey(pool, test, 'story', ['admin']);
      const [books] = await liveTales(
        createClient({ baseUrl: tenor.apiUrl, apiKey: key }),
        [YEAR],
        () => undefined,
      );
      expect(differences(YEAR, books ?? new Map())).toEqual([]);
      expect(
        await rows(
          pool,
          'select kind, count(*) as n, sum(gross_minor)::bigint as gross from documents group by kind order by kind',
        ),
      ).toEqual([
        { kind: 'credit_note', n: 1n, gross: -5554n },
        { kind: 'invoice', n: 35n, gross: 375891n },
      ]);
      // The sandbox's own books: 1606.09 from Nordlicht, 1852.73 from Alpenblick, 71.75 from Lesezirkel.
      const moved = (await sandboxBooks(pool, test)).map((movement) => movement.amountMinor);
      expect(moved.length).toBe(34);
      expect(moved.reduce((sum, each) => sum + each, 0n)).toBe(353057n);
      // Numbers are gapless, and the journal balances.
      expect(
        await rows(
          pool,
          `select min(counter) as first, max(counter) as last, count(distinct counter) as n from documents where kind = 'invoice'`,
        ),
      ).toEqual([{ first: 1n, last: 35n, n: 35n }]);
      expect(await rows(pool, 'select sum(amount_minor)::bigint as sum from postings')).toEqual([
        { sum: 0n },
      ]);
      expect(await rows(pool, 'select count(*) as n from incidents')).toEqual([{ n: 0n }]);
    },
  );
});
