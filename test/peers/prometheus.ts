// Prometheus and promtool from the PATH, or else from Debian's package, which is unpacked into the cache folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../config.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { runLimited } from '../../dev/embedded/run-limited.ts';

const INSTALL_MS = 300_000;
const PROGRAMS = ['prometheus', 'promtool'];

const hasAll = (folder: string): boolean => PROGRAMS.every((name) => existsSync(join(folder, name)));

/**
 * The folder of both programs. The package is unpacked and not installed, so nothing else on the machine changes.
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

/** Runs promtool. Returns its output. */
export async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await runLimited(join(await prometheusFolder(), 'promtool'), args, {
    overallMs: 60_000,
  });
  return stdout;
}

interface Prometheus {
  /** The names of the alerts that fire now, without duplicates. */
  firing(): Promise<string[]>;
  stop(): Promise<void>;
}

/** deploy/alerts.yml with seconds instead of minutes. */
function shortened(rules: string): string {
  return rules.replace(/\b(\d+)m\b/g, '$1s').replace(/ \* 60\b/g, '');
}

/** Starts a Prometheus that scrapes the jobs' addresses, with the alert rules sixty times as fast. */
export async function startPrometheus(jobs: Readonly<Record<string, string>>): Promise<Prometheus> {
  const folder = temporaryDataDir('tenor-prometheus-');
  const address = `127.0.0.1:${await pickPort()}`;
  writeFileSync(join(folder, 'alerts.yml'), shortened(readFileSync('deploy/alerts.yml', 'utf8')));
  const config = {
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: Object.entries(jobs).map(([job_name, url]) => ({
      job_name,
      static_configs: [{ targets: [new URL(url).host] }],
    })),
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    join(await prometheusFolder(), 'prometheus'),
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const isReady = (): Promise<boolean> =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
    await delay(100);
  }
  return {
    async firing() {
      const answer = await fetch(`http://${address}/api/v1/alerts`);
      const { data } = (await answer.json()) as {
        data: { alerts: { state: string; labels: { alertname: string } }[] };
      };
      const firing = data.alerts.filter(({ state }) => state === 'firing');
      return [...new Set(firing.map(({ labels }) => labels.alertname))];
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
