// A process that owns a stack, for tests that kill it. It prints its pids as JSON when it is ready, and waits.
import { startStack } from '../../dev/embedded/stack.ts';

const stack = await startStack({
  dataDir: process.argv[2] ?? '',
  onProgress: () => undefined,
  headless: true,
  durable: false,
});
process.stdout.write(
  `${JSON.stringify({ ...stack.pids, owner: process.pid, databaseUrl: stack.databaseUrl })}\n`,
);
