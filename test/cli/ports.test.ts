import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { temporaryDataDir } from '../../cli/embedded/files.ts';
import { LOOPBACK, pickPort } from '../../cli/embedded/ports.ts';
import { readLock } from '../../cli/embedded/lock.ts';
import { startTenor } from '../../cli/start.ts';

test('a start on a port that is taken says what to set, before it has started anything', async () => {
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
  }
});
