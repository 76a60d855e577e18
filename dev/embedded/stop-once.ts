/**
 * Stops servers that a command has started once, however the command ends: by itself, by an error, or by SIGTERM or SIGINT,
 * which may come several times (npm passes on what the terminal has sent already). After a signal the process exits with 1.
 */
export function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const once = (): Promise<void> => (stopping ??= stop());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      process.on('uncaughtException', () => undefined); // what was under way finds its servers gone
      void once().finally(() => process.exit(1));
    });
  }
  return once;
}
