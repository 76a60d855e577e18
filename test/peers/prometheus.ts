// Prometheus and promtool: those on the PATH, else Debian's, taken from its package into the cache folder.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { loadConfig } from '../../config.ts';
import { runLimited } from '../../dev/embedded/run-limited.ts';

const INSTALL_MS = 300_000;
const PROGRAMS = ['prometheus', 'promtool'];

const hasAll = (folder: string): boolean => PROGRAMS.every((name) => existsSync(join(folder, name)));

/**
 * The folder of both programs. The package is unpacked, not installed: nothing is started, nothing else is changed.
 * @throws when the machine has neither them nor Debian's packages
 */
async function prometheusFolder(): Promise<string> {
  const { environment, cacheDir } = loadConfig();
  const found = (environment['PATH'] ?? '')
    .split(delimiter)
    .find((folder) => folder !== '' && hasAll(folder));
  if (found !== undefined) return found;
  const folder = join(cacheDir, 'prometheus');
  const programs = join(folder, 'usr/bin');
  if (!hasAll(programs)) await unpack(cacheDir, folder);
  return programs;
}

async function unpack(cacheDir: string, folder: string): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  const draft = mkdtempSync(join(cacheDir, 'prometheus-'));
  const apt = ['sh', '-c', `cd '${draft}' && apt-get update && apt-get download prometheus`] as const;
  try {
    await runLimited(apt[0], apt.slice(1), { overallMs: INSTALL_MS });
    const [archive] = readdirSync(draft);
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    await runLimited('dpkg', ['-x', join(draft, archive), join(draft, 'root')], { overallMs: INSTALL_MS });
  } catch (error) {
    throw new Error(
      'this tier needs prometheus and promtool: put them on the PATH, or run it as root on a Debian',
      { cause: error },
    );
  }
  if (!hasAll(join(folder, 'usr/bin'))) renameSync(join(draft, 'root'), folder);
  rmSync(draft, { recursive: true });
}

/** Runs promtool; answers what it wrote. */
export async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await runLimited(join(await prometheusFolder(), 'promtool'), args, {
    overallMs: 60_000,
  });
  return stdout;
}
