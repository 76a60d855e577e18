import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { RenderTask, RenderedPdf } from './tasks.ts';

/** The memory limit of a thread. A document of 5,000 lines needs a fraction of it. */
const HEAP_MB = 512;
/** Whether these files are compiled, as in the image. Otherwise the thread needs a loader for TypeScript. */
const COMPILED = import.meta.url.endsWith('.js');

/** A thread that renders PDFs beside the event loop. */
export interface Renderer {
  readonly render: (task: RenderTask) => Promise<RenderedPdf>;
  stop(): Promise<void>;
}

/** Starts a renderer. Its thread starts with the first PDF. If the thread dies, its PDF fails and another thread replaces it. */
export function startRenderer(): Renderer {
  const pool = new Piscina({
    filename: fileURLToPath(new URL(COMPILED ? 'thread.js' : 'thread.ts', import.meta.url)),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: COMPILED ? [] : ['--import', loader()],
    atomics: 'disabled', // a waiting thread would keep the process alive
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    recordTiming: false,
  });
  pool.on('error', () => undefined); // the error of a thread without a task
  return {
    render: (task) => pool.run(task) as Promise<RenderedPdf>,
    stop: () => pool.destroy(),
  };
}

/** The loader that compiles TypeScript on import. It is a development dependency. */
function loader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
