/**
 * Returns a function that stops a command's servers once, and also calls it at SIGTERM or SIGINT. A signal may arrive several times,
 * because npm repeats signals that the terminal has sent already. After a signal the process exits with 1.
 */
export function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const once = (): Promise<void> => (stopping ??= stop());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      process.on('uncaughtException', () => undefined); // work under way fails because its servers are stopped
      void once().finally(() => process.exit(1));
    });
  }
  return once;
}
