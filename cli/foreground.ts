import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { createApiKey } from '../db/parties/api-keys.ts';
import { createMerchant } from '../db/parties/merchants.ts';
import { createPool } from '../db/platform/pool.ts';
import { createCatalogue } from '../dev/demo/catalogue.ts';
import { createClient } from '../client/index.ts';
import { readJson, writePrivate } from '../dev/embedded/files.ts';
import { type Tenor, startTenor } from '../dev/start.ts';

const sample = z.object({ apiKey: z.string() });

/** `tenor start`: starts everything, prints the addresses, and runs until Ctrl-C. Returns the exit code. */
export async function runInForeground(config: Config): Promise<number> {
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const tenor = await startTenor({
    dataDir: config.home,
    port: config.port,
    onProgress: (line) => console.log(line),
  });
  try {
    const apiKey = await sampleMerchant(tenor);
    console.log(welcome(tenor, apiKey));
    await signalled;
    console.log('\nStopping. The data is kept for the next start.');
  } finally {
    await tenor.stop();
  }
  return 0;
}

/** The API key of the sample merchant. The first start creates the merchant with its catalogue, and stores the key with the data. */
async function sampleMerchant({ stack, apiUrl, inbox }: Tenor): Promise<string> {
  const file = join(stack.dataDir, 'sample-merchant.json');
  const kept = readJson(file, sample);
  if (kept !== null) return kept.apiKey;
  const pool = createPool(stack.databaseUrl, { max: 1, name: 'tenor-start' });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  const { key } = await createApiKey(pool, test, 'sample', ['admin']);
  await pool.end();
  await createCatalogue(createClient({ baseUrl: apiUrl, apiKey: key }), { mails: inbox !== null });
  writePrivate(file, JSON.stringify({ apiKey: key }));
  return key;
}

function welcome({ apiUrl, stack, inbox }: Tenor, apiKey: string): string {
  const order = {
    customer: {
      party: { name: 'Ada', email: 'ada@nordlicht.example' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
    },
    variant: 'pro-monthly',
    payment_method: { provider: 'sandbox', token: 'card' },
  };
  return `
Tenor is running; its data is in ${stack.dataDir}

  API           ${apiUrl}
  Reference     ${apiUrl}/docs
  Temporal UI   ${stack.uiUrl ?? 'with the server in TEMPORAL_ADDRESS'}
  Mails         ${inbox?.url ?? 'are sent by the server in TENOR_SMTP_URL'}
  Temporal gRPC ${stack.temporalAddress}
  API key       ${apiKey}   (test merchant "Wolkenwerk")

Try it: an order, with its first invoice and payment

  curl -s ${apiUrl}/v1/orders -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $(date +%s)" -d '${JSON.stringify(order)}'

The answer has the id of the invoice in "command.document". ${apiUrl}/v1/invoices/<document>/print shows it as a page.

npm run demo runs a year of a whole business in seconds. Ctrl-C stops everything.`;
}
