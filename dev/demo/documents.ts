import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TenorClient } from '../../client/index.ts';
import { inParallel } from '../../engine/platform/in-parallel.ts';
import { temporaryDataDir } from '../embedded/files.ts';
import type { Books } from './live.ts';

const AT_ONCE = 8;
const MAILS_WITHIN_MS = 30_000;

/** Saves the PDF of each document in a new folder, as `<customer> <number>.pdf`. A slash of a number becomes a hyphen. Returns the folder and the number of files. */
export async function saveDocuments(
  api: TenorClient,
  lived: readonly Books[],
): Promise<{ folder: string; count: number }> {
  const folder = temporaryDataDir('tenor-demo-documents-');
  const files = lived.flatMap((books) =>
    [...books].flatMap(([short, { documents }]) =>
      documents.map(({ id, number }) => ({ id, name: `${short} ${number.replaceAll(/[^\w-]+/g, '-')}.pdf` })),
    ),
  );
  await inParallel(files, AT_ONCE, async ({ id, name }) => {
    writeFileSync(join(folder, name), await api.get('/v1/invoices/{id}/pdf', { id }));
  });
  return { folder, count: files.length };
}

/** Waits until no mail is queued, but not for long. Returns how many were sent. */
export async function sentMails(api: TenorClient): Promise<number> {
  for (const until = Date.now() + MAILS_WITHIN_MS; Date.now() < until; await delay(100)) {
    const { data } = await api.get('/v1/mails', { state: 'queued', limit: 1 });
    if (data.length === 0) break;
  }
  let count = 0;
  for await (const _ of api.list('/v1/mails', { state: 'sent' })) count += 1;
  return count;
}
