// `npm run build` writes the files that the image runs into dist/, or into the named folder: compiled JavaScript, the `.sql` files,
// and one bundle of the workflows, so that workers need not bundle them at the start.
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { runLimited } from './embedded/run-limited.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LONGEST_MS = 300_000;

/** Builds into a folder, whose contents are replaced. */
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
