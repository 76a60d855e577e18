// docker-compose.yml and the Dockerfile without Docker. The file is read as Compose reads it, the image becomes a folder,
// and the commands of the services run there as processes of this machine.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { build } from '../../dev/build.ts';

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly restart: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly env_file?: readonly { path: string; required: boolean }[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

/** The services of docker-compose.yml with these variables set. */
export function readCompose(variables: Readonly<Record<string, string>>): Record<string, Service> {
  const text = readFileSync('docker-compose.yml', 'utf8').replace(
    /\$\{(\w+)(?::([?-])([^}]*))?\}/g,
    (_, name: string, kind: string | undefined, rest: string) => {
      const value = variables[name];
      if (value !== undefined && value !== '') return value;
      if (kind === '-') return rest;
      throw new Error(rest ?? `${name} is not set`);
    },
  );
  return (parse(text, { merge: true }) as { services: Record<string, Service> }).services;
}

/** The lines of the Dockerfile's last stage. */
export function lastStage(): readonly string[] {
  const lines = readFileSync('Dockerfile', 'utf8').split('\n');
  return lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
}

/** Copies what the Dockerfile's last stage copies. `dist` is built; the packages are those of `npm ci --omit=dev`. */
export async function makeImage(folder: string): Promise<void> {
  for (const line of lastStage()) {
    const [, from, target] = /^COPY --from=\w+ \/tenor\/(\S+) (\S+)$/.exec(line) ?? [];
    if (from === undefined || target === undefined) continue;
    if (from === 'dist') await build(join(folder, target));
    else if (from === 'node_modules') linkPackages(join(folder, target));
    else cpSync(from, join(folder, target), { recursive: true });
  }
}

function linkPackages(target: string): void {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, devOptional, optional }] of Object.entries(lock.packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev === true) continue;
    if (devOptional === true || optional === true) continue;
    const link = join(target, path.replace('node_modules/', ''));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(path), link);
  }
}

/** A process that stands for the container of a service. */
export interface Container {
  readonly child: ChildProcess;
  /** Its output so far. */
  output(): string;
  /** Resolves with the exit code, or with null if a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Runs a command of a service in the folder of the image. Process 1 must be node itself. */
export function runContainer(
  folder: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Container {
  const [program, ...args] = command;
  if (program !== 'node') throw new Error(`process 1 is ${program}`);
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...environment } });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    child,
    output: () => text,
    exited: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Whether the service's health check passes now. */
export async function isHealthy(folder: string, test: readonly string[]): Promise<boolean> {
  const [kind, program, ...args] = test;
  if (kind !== 'CMD' || program !== 'node') throw new Error(`not a check that runs here: ${test.join(' ')}`);
  return promisify(execFile)(process.execPath, args, { cwd: folder }).then(
    () => true,
    () => false,
  );
}
