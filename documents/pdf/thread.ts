// The code of a rendering thread.
import { type RenderTask, type RenderedPdf, render } from './tasks.ts';

/** Renders a PDF for `threads.ts`. */
export default function work(task: RenderTask): Promise<RenderedPdf> {
  return render(task);
}
