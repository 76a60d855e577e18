// What was recorded of released versions must replay on today's workflows: else every sleeping contract would stop.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const recorded = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.b64'),
);

describe('a recorded history', () => {
  it('is kept of six lives of a contract and of a collection', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(7);
  });

  it.each(recorded)('%s replays on the workflows of today', async (file) => {
    const bytes = Buffer.from(readFileSync(`${FOLDER}${file}`, 'utf8'), 'base64');
    const history = proto.temporal.api.history.v1.History.decode(bytes);
    expect(history.events.length).toBeGreaterThan(7); // a run that never got anywhere would replay, too
    const codePath = inject('workflowBundle');
    if (codePath === null) throw new Error('the workflow bundle is missing');
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, file);
  });
});
