import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readLock } from '../embedded/lock.ts';
import { temporaryDataDir } from '../embedded/files.ts';
import { stopOnce } from '../embedded/stop-once.ts';
import { createClient } from '../../client/index.ts';
import { loadConfig } from '../../config.ts';
import { saveDocuments, sentMails } from './documents.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool } from '../../db/platform/pool.ts';
import { startTenor } from '../start.ts';
import {
  type Books,
  TALES,
  attemptsText,
  differences,
  explainUpgrade,
  liveTales,
  printMuster,
} from './live.ts';

/** `tenor demo`: runs a year of a subscription business and three samples, and checks every amount. Returns the exit code. */
export async function demo(): Promise<number> {
  const running = readLock(loadConfig().home)?.addresses;
  const { databaseUrl, apiUrl, inboxUrl } = running ?? {};
  if (databaseUrl !== undefined && apiUrl !== undefined) {
    console.log(`Using the running instance at ${apiUrl}, with a new test merchant.`);
    return live(databaseUrl, apiUrl, inboxUrl);
  }
  console.log('No instance runs here. The demo starts its own servers in a temporary folder.');
  const dataDir = temporaryDataDir('tenor-demo-');
  const tenor = await startTenor({
    dataDir,
    onProgress: (line) => console.log(line),
    headless: true,
    port: 0,
  });
  const stop = stopOnce(async () => {
    await tenor.stop();
    rmSync(dataDir, { recursive: true });
  });
  try {
    const exitCode = await live(tenor.stack.databaseUrl, tenor.apiUrl, tenor.inbox?.url);
    if (process.stdin.isTTY) {
      console.log('Press Enter to stop the servers and the inbox.');
      await once(process.stdin, 'data');
      process.stdin.pause();
    }
    return exitCode;
  } finally {
    await stop();
  }
}

/** Runs the tales. Without an inbox, customers get no mails. */
async function live(databaseUrl: string, apiUrl: string, inboxUrl: string | undefined): Promise<number> {
  const pool = createPool(databaseUrl, { max: 2, name: 'tenor-demo' });
  const { test } = await createMerchant(pool, 'Wolkenwerk (demo)');
  const { key } = await createApiKey(pool, test, 'demo', ['admin']);
  await pool.end();
  const began = Date.now();
  const client = createClient({ baseUrl: apiUrl, apiKey: key, retries: 10 });
  const lived = await liveTales(client, TALES, bar, { mails: inboxUrl !== undefined });
  console.log(`\nA year and three samples in ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
  for (const books of lived) print(books);
  for (const line of await explainUpgrade(client, lived)) console.log(line);
  console.log(`\n${await printMuster(client, lived)}`);
  const wrong = TALES.flatMap((tale, n) => differences(tale, lived[n] ?? new Map()));
  for (const each of wrong) console.error(`WRONG  ${each}`);
  console.log(
    wrong.length === 0
      ? 'Every document and total is as calculated by hand: 41 invoices, 1 credit note.'
      : 'Some documents or totals are wrong.',
  );
  const { folder, count } = await saveDocuments(client, lived);
  console.log(`The ${count} PDFs are in ${folder}`);
  if (inboxUrl !== undefined) console.log(`${await sentMails(client)} mails are in the inbox at ${inboxUrl}`);
  return wrong.length === 0 ? 0 : 1;
}

const WIDTH = 24;

function bar(share: number, what: string): void {
  const done = Math.round(share * WIDTH);
  console.log(`${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}  ${what}`);
}

function print(books: Books): void {
  for (const { name, documents, balance, attempts } of books.values()) {
    console.log(
      `${name}: ${documents.length} ${documents.length === 1 ? 'document' : 'documents'}, balance ${balance}, payments: ${attemptsText(attempts)}`,
    );
    console.log(
      `  ${'number'.padEnd(16)}${'issued'.padEnd(10)}${['net', 'tax', 'gross'].map((head) => head.padStart(10)).join('')}`,
    );
    for (const each of documents) {
      const amounts = [each.net, each.tax, each.gross].map((amount) => amount.padStart(10)).join('');
      console.log(`  ${each.number.padEnd(16)}${each.issue_date}${amounts}  ${each.state}`);
    }
    console.log('');
  }
}
