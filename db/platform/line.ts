import { OutOfTime } from './transient.ts';

/** Who waits, in the order in which they came. Whoever takes one out calls it. */
export type Line = (() => void)[];

/** When somebody stops waiting without having been called. */
interface Leaving {
  /** A request that is given up. */
  readonly signal?: AbortSignal | undefined;
  /** How long somebody waits, in milliseconds, and the refusal afterwards; without it, without end. */
  readonly patience?: { readonly ms: number; readonly refusal: () => Error } | undefined;
  /** Called as soon as somebody has left the line. */
  readonly onLeave?: () => void;
}

/**
 * Waits at the end of a line until called.
 * @throws OutOfTime when the signal aborts before; the refusal of `patience`
 */
export function waitInLine(line: Line, { signal, patience, onLeave }: Leaving): Promise<void> {
  if (signal?.aborted === true) return Promise.reject(new OutOfTime());
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const called = (): void => {
      stop();
      resolve();
    };
    const leave = (error: Error): void => {
      stop();
      line.splice(line.indexOf(called), 1);
      onLeave?.();
      reject(error);
    };
    const abort = (): void => leave(new OutOfTime());
    const timer =
      patience === undefined ? undefined : setTimeout(() => leave(patience.refusal()), patience.ms);
    signal?.addEventListener('abort', abort, { once: true });
    line.push(called);
  });
}
