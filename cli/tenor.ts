// The `tenor` command of a checkout: an operator's commands, and those that start servers of their own.
import { loadConfig } from '../config.ts';
import { demo } from '../dev/demo/run.ts';
import { readLock } from '../dev/embedded/lock.ts';
import { runInForeground } from './foreground.ts';
import { operatorProgram, run } from './program.ts';

const program = operatorProgram((home) => readLock(home)?.addresses);

program
  .command('start')
  .description('start Postgres, Temporal, API and worker, with everything kept in one folder')
  .action(async () => {
    process.exitCode = await runInForeground(loadConfig());
  });

program
  .command('demo')
  .description('live a year of a subscription business on a test clock, and check every cent')
  .action(async () => {
    process.exitCode = await demo();
  });

await run(program);
