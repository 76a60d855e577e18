// `npm run build`: what the image runs, into dist/ or the folder that is named: compiled JavaScript, migrations and statements, and
// the workflows in one bundle, so that no worker bundles them when it starts.
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { runLimited } from './embedded/run-limited.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LONGEST_MS = 300_000;

/** Replaces the folder. */
export async function build(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compiler = [join(ROOT, 'node_modules/.bin/tsc'), '--project', join(ROOT, 'tsconfig.build.json')];
  const [{ code }] = await Promise.all([
    bundleWorkflowCode({
      workflowsPath: join(ROOT, 'workflows/index.ts'),
      logger: new DefaultLogger('ERROR'),
    }),
    runLimited(process.execPath, [...compiler, '--outDir', folder], { overallMs: LONGEST_MS }),
  ]);
  writeFileSync(join(folder, 'workflow-bundle.js'), code);
  cpSync(join(ROOT, 'db'), join(folder, 'db'), {
    recursive: true,
    filter: (path) => path.endsWith('.sql') || statSync(path).isDirectory(),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build(resolve(process.argv[2] ?? 'dist'));
