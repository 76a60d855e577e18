// The `tenor` command of the image. It starts no servers.
import { operatorProgram, run } from './program.ts';

await run(operatorProgram(() => undefined));
