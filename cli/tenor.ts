// The `tenor` command of a checkout: the commands for operators, and those that start servers.
import { loadConfig } from '../config.ts';
import { demo } from '../dev/demo/run.ts';
import { readLock } from '../dev/embedded/lock.ts';
import { runInForeground } from './foreground.ts';
import { operatorProgram, run } from './program.ts';

const program = operatorProgram((home) => readLock(home)?.addresses);

program
  .command('start')
  .description('start Postgres, Temporal, API and worker, with all data in one folder')
  .action(async () => {
    process.exitCode = await runInForeground(loadConfig());
  });

program
  .command('demo')
  .description('run a year of a subscription business on a test clock, and check every amount')
  .action(async () => {
    process.exitCode = await demo();
  });

await run(program);
