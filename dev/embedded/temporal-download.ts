// Downloads the Temporal CLI from the server that Temporal's SDKs use. One request returns the URL of the archive, and a second one
// the archive.
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { readJson } from './files.ts';
import { runLimited } from './run-limited.ts';

const infoSchema = z.object({ archiveUrl: z.url(), fileToExtract: z.string().regex(/^[\w.-]+$/) });

/**
 * Downloads into the folder and returns the program's path. `stallMs` limits each wait for the network, not the whole download,
 * which may be slow.
 */
export async function downloadCli(
  folder: string,
  stallMs: number,
  base = 'https://temporal.download',
): Promise<string> {
  const query = new URLSearchParams({
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    platform: process.platform === 'win32' ? 'windows' : process.platform,
    format: 'tar.gz',
    'sdk-name': 'sdk-typescript',
    'sdk-version': sdkVersion(),
  });
  const { archiveUrl, fileToExtract } = infoSchema.parse(
    await withStallLimit(stallMs, async (signal) => {
      const response = await fetch(`${base}/cli/default?${query.toString()}`, { signal });
      if (!response.ok) throw new Error(`${base} answered ${response.status}`);
      return response.json();
    }),
  );
  const archive = join(folder, 'temporal.tar.gz');
  await withStallLimit(stallMs, async (signal, alive) => {
    const response = await fetch(archiveUrl, { signal });
    if (!response.ok || response.body === null) throw new Error(`${archiveUrl} answered ${response.status}`);
    const watch = new Transform({
      transform: (chunk, _encoding, done) => {
        alive();
        done(null, chunk);
      },
    });
    await pipeline(response.body, watch, createWriteStream(archive));
  });
  await runLimited('tar', ['-xzf', archive, '-C', folder, fileToExtract], { overallMs: 60_000 });
  return join(folder, fileToExtract);
}

/** Aborts `work` if it has neither called `alive` nor ended for the given time. */
async function withStallLimit<T>(
  stallMs: number,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`the network delivered nothing for ${stallMs} ms`)),
    stallMs,
  );
  try {
    return await work(controller.signal, () => timer.refresh());
  } catch (error) {
    // The message of fetch is only "fetch failed". The cause has the reason.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  } finally {
    clearTimeout(timer);
  }
}

function sdkVersion(): string {
  const path = createRequire(import.meta.url).resolve('@temporalio/testing/package.json');
  return readJson(path, z.object({ version: z.string() }))?.version ?? '1.0.0';
}
