// The `tenor` command of the image, which has no servers of its own.
import { operatorProgram, run } from './program.ts';

await run(operatorProgram(() => undefined));
