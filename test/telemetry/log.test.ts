// Contents of log lines, and personal data that they never contain.
import { expect, it } from 'vitest';
import { createLog, sdkLogger } from '../../telemetry/log.ts';

function recordingLog() {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

it('a database error is logged with its code and names, without the row in its detail and without quoted values', () => {
  const { log, lines, last } = recordingLog();
  const error = Object.assign(new Error('invalid input syntax for type date: "Anna Müller"'), {
    code: '22007',
    detail: 'Failing row contains (cus_1, Anna Müller, DE89370400440532013000).',
    where: 'COPY customers, line 1: "Anna Müller"',
    table: 'customers',
  });
  log.error({ err: error, error: new Error('outer', { cause: error }) }, 'unexpected error');
  expect(last()).toMatchObject({
    err: { message: 'invalid input syntax for type date: "…"', code: '22007', table: 'customers' },
    error: { message: 'outer', cause: { code: '22007' } },
  });
  expect(last()).toMatchObject({ err: { stack: expect.stringContaining('log.test.ts') } });
  expect(lines.join('')).not.toMatch(/Anna|Müller|DE89/);
});

it('a text that is not JSON is not logged, not even if it has several lines', () => {
  const { log, lines } = recordingLog();
  try {
    JSON.parse('Anna\nMüller "Anna');
  } catch (error) {
    log.error({ err: error }, 'x');
  }
  log.error({ error: 'SyntaxError: "Anna\nMüller\\" \nAnna" is not valid' }, 'x');
  expect(lines.join('')).not.toMatch(/Anna|Müller/);
});

it("a line of Temporal's SDK names its workflow and its activity, and no payload", async () => {
  const { log, lines, last } = recordingLog();
  const lookedUp: string[] = [];
  const sdk = sdkLogger(log, async (runId) => {
    lookedUp.push(runId);
    return runId === 'run-2' ? 'contract/con_2' : Promise.reject(new Error('unavailable'));
  });
  sdk.warn('Activity failed', {
    workflowId: 'contract/con_1',
    runId: 'run',
    activityType: 'charge',
    attempt: 3,
    input: ['Anna Müller'],
    error: new Error('connection refused'),
  });
  expect(last()).toMatchObject({
    level: 40,
    workflowId: 'contract/con_1',
    runId: 'run',
    activityType: 'charge',
    attempt: 3,
    err: { message: 'connection refused' },
    msg: 'Activity failed',
  });
  sdk.warn('No workflows registered, not polling for workflow tasks', { taskQueue: 'psp-sandbox' });
  expect(last()).toMatchObject({ level: 30, taskQueue: 'psp-sandbox' });
  sdk.log('ERROR', 'Failing workflow task', { workflow_id: 'clock/clk_1', failure: 'Failure { Anna }' });
  expect(last()).toMatchObject({ level: 50, workflowId: 'clock/clk_1' });
  for (const runId of ['run-2', 'run-2', 'run-3'])
    sdk.error('Failed to process Workflow Activation', { runId });
  await expect.poll(() => lines.length).toBe(6);
  expect(lines.slice(3).map((line) => (JSON.parse(line) as { workflowId?: string }).workflowId)).toEqual([
    'contract/con_2',
    'contract/con_2',
    undefined,
  ]);
  expect(lookedUp).toEqual(['run-2', 'run-3']);
  sdk.info('Worker state changed', { state: 'RUNNING' });
  expect(last()).toMatchObject({ level: 20, msg: 'Worker state changed' });
  expect(lines.join('')).not.toMatch(/Anna/);
});
