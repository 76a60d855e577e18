// Runs programs with a time limit.
import { spawn } from 'node:child_process';

export type RunLimits = {
  overallMs: number;
  /** The program's environment, by default that of this process. Its PATH is also used to find the program. */
  env?: NodeJS.ProcessEnv;
};

/**
 * Runs a program and returns its stdout.
 * @throws Error if the program does not exist, ends with an error, or does not end in time. In the last case it is killed with the
 *   processes that it started.
 */
export function runLimited(
  program: string,
  args: readonly string[],
  limits: RunLimits,
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(limits.env === undefined ? {} : { env: limits.env }),
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const timer = setTimeout(() => {
      // The whole process group is killed, because a script's children would keep the pipes open.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`${program} did not end within ${limits.overallMs} ms`));
    }, limits.overallMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve({ stdout: output.stdout });
      else reject(new Error(lastLine(output.stderr) ?? `${program} ended with ${code}`));
    });
  });
}

/**
 * Runs a program under the first of several command lines that works, with the same further arguments.
 * @throws the error of the last one
 */
export async function runFirst(
  spellings: readonly (readonly [string, ...string[]])[],
  args: readonly string[],
  limits: RunLimits,
): Promise<void> {
  let failure = new Error('nothing to run');
  for (const [program, ...first] of spellings) {
    try {
      await runLimited(program, [...first, ...args], limits);
      return;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  throw failure;
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
