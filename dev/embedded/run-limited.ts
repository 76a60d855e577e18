// Runs a program to its end, but never longer than it may.
import { spawn } from 'node:child_process';

export type RunLimits = {
  overallMs: number;
  /** The program's environment; its PATH is also what the program is looked for on. Ours by default. */
  env?: NodeJS.ProcessEnv;
};

/**
 * Returns what the program wrote to stdout.
 * @throws when it is not there, ends with an error, or does not end in time; then it and what it started are killed.
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
      // The whole group, because a script's own children would keep the pipes open.
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
 * Runs the first of several spellings of a program that exists here, with the same further arguments.
 * @throws the error of the last one.
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
