import { OutOfTime } from './transient.ts';

/** The callbacks of waiting callers, in order of arrival. To let a caller go on, remove its callback and call it. */
export type WaitingQueue = (() => void)[];

/** When a caller stops waiting without having been called. */
interface Leaving {
  /** Aborts when the caller's request is given up. */
  readonly signal?: AbortSignal | undefined;
  /** How long the caller waits, in milliseconds, and the error after that. Left out: without limit. */
  readonly patience?: { readonly ms: number; readonly refusal: () => Error } | undefined;
  /** Called after the caller has left the line in this way. */
  readonly onLeave?: () => void;
}

/**
 * Waits at the end of a line until called.
 * @throws OutOfTime when the signal aborts first; the refusal of `patience` when its time is over first
 */
export function waitInQueue(queue: WaitingQueue, { signal, patience, onLeave }: Leaving): Promise<void> {
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
      queue.splice(queue.indexOf(called), 1);
      onLeave?.();
      reject(error);
    };
    const abort = (): void => leave(new OutOfTime());
    const timer =
      patience === undefined ? undefined : setTimeout(() => leave(patience.refusal()), patience.ms);
    signal?.addEventListener('abort', abort, { once: true });
    queue.push(called);
  });
}
