import { readLock } from '../embedded/lock.ts';
import { temporaryDataDir } from '../embedded/files.ts';
import { loadConfig } from '../../config.ts';
import { createApiKey, createMerchant } from '../../db/merchants.ts';
import { createPool } from '../../db/pool.ts';
import { startTenor } from '../start.ts';
import { type LivedYear, attemptsText, differences, liveTheYear } from './live.ts';

/** `tenor demo`: a year of a subscription business in seconds, checked to the cent. Answers the exit code. */
export async function demo(): Promise<number> {
  const running = readLock(loadConfig().home)?.addresses;
  const { databaseUrl, apiUrl } = running ?? {};
  if (databaseUrl !== undefined && apiUrl !== undefined) {
    console.log(`On the running instance at ${apiUrl}, with a test merchant of its own.`);
    return live(databaseUrl, apiUrl);
  }
  const tenor = await startTenor({
    dataDir: temporaryDataDir('tenor-demo-'),
    onProgress: (line) => console.log(line),
    headless: true,
    port: 0,
  });
  try {
    return await live(tenor.stack.databaseUrl, tenor.apiUrl);
  } finally {
    await tenor.stop();
  }
}

async function live(databaseUrl: string, apiUrl: string): Promise<number> {
  const pool = createPool(databaseUrl, { max: 2, name: 'tenor-demo' });
  const { test } = await createMerchant(pool, 'Wolkenwerk (demo)');
  const { key } = await createApiKey(pool, test, 'demo', ['read', 'write', 'admin']);
  await pool.end();
  const began = Date.now();
  const year = await liveTheYear(apiUrl, key, bar);
  console.log(`\nA year in ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
  print(year);
  const wrong = differences(year.books);
  for (const each of wrong) console.error(`WRONG  ${each}`);
  console.log(
    wrong.length === 0
      ? '\nEvery document and total is as a pencil says: 35 invoices, 1 credit note.'
      : '\nThe year is not right.',
  );
  return wrong.length === 0 ? 0 : 1;
}

const WIDTH = 24;

function bar(share: number, what: string): void {
  const done = Math.round(share * WIDTH);
  console.log(`${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}  ${what}`);
}

function print({ books, explanation }: LivedYear): void {
  for (const { name, documents, balance, attempts } of books.values()) {
    console.log(
      `${name}: ${documents.length} documents, balance ${balance}, payments: ${attemptsText(attempts)}`,
    );
    for (const each of documents) {
      const amounts = [each.net, each.tax, each.gross].map((amount) => amount.padStart(10)).join('');
      console.log(`  ${each.number.padEnd(14)}${each.issue_date}${amounts}  ${each.state}`);
    }
    console.log('');
  }
  for (const line of explanation) console.log(line);
}
