import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { LOOPBACK, pickPort } from '../../dev/embedded/ports.ts';
import { readLock } from '../../dev/embedded/lock.ts';
import { startTenor } from '../../dev/start.ts';
import { loadConfig } from '../../config.ts';

test('a start on a port that is in use names the variable to set, and starts nothing', async () => {
  const port = await pickPort();
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(port, LOOPBACK, resolve);
  });
  const [dataDir, lines]: [string, string[]] = [temporaryDataDir('tenor-port-'), []];
  try {
    const start = startTenor({ dataDir, port, onProgress: (line) => lines.push(line) });
    await expect(start).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken: set PORT to another, for example PORT=8181 npm start`,
    );
    expect([lines, readLock(dataDir)]).toEqual([[], null]);
  } finally {
    other.close();
    rmSync(dataDir, { recursive: true });
  }
});

test('a start after a killed one ends the processes that still run, and uses the same port', async () => {
  const [port, dataDir] = [await pickPort(), temporaryDataDir('tenor-killed-')];
  const env = { ...loadConfig().environment, TENOR_HOME: dataDir, PORT: String(port) };
  const killed = spawn(process.execPath, ['--import', 'tsx', 'cli/tenor.ts', 'start'], { env });
  for await (const line of createInterface(killed.stdout)) if (line.startsWith('Worker: ready')) break;
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const lines: string[] = [];
  const tenor = await startTenor({ dataDir, port, headless: true, onProgress: (line) => lines.push(line) });
  try {
    expect(tenor.apiUrl).toBe(`http://127.0.0.1:${port}`);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ending api \(pid \d+\), left running by a start that was killed$/),
    );
    expect((await fetch(`${tenor.apiUrl}/readyz`)).status).toBe(200);
  } finally {
    await tenor.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
