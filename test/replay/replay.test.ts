// Histories of released versions must replay on the current workflows. Otherwise every sleeping contract would stop.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, inject, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const recorded = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.b64'),
);

const { EventType } = proto.temporal.api.enums.v1;
type History = proto.temporal.api.history.v1.History;

function read(file: string): History {
  return proto.temporal.api.history.v1.History.decode(
    Buffer.from(readFileSync(`${FOLDER}${file}`, 'utf8'), 'base64'),
  );
}

/** The kinds of events in a history, with the names of signals, activities and markers. */
function eventKinds({ events }: History): string[] {
  return events.map((event) => {
    const name =
      event.workflowExecutionSignaledEventAttributes?.signalName ??
      event.activityTaskScheduledEventAttributes?.activityType?.name ??
      event.markerRecordedEventAttributes?.markerName;
    const type = (EventType[event.eventType ?? 0] ?? '').replace('EVENT_TYPE_', '').toLowerCase();
    return name == null ? type : `${type} ${name}`;
  });
}

describe('a recorded history', () => {
  it('exists for every kind of event that makes a workflow take another way', () => {
    const seen = new Set(recorded.flatMap((file) => eventKinds(read(file))));
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'timer_fired',
        'timer_canceled',
        'workflow_execution_continued_as_new',
        'workflow_execution_completed',
        'workflow_execution_cancel_requested',
        'workflow_execution_update_accepted',
        'workflow_execution_signaled wake',
        'workflow_execution_signaled pause',
        'workflow_execution_signaled resume',
        'workflow_execution_signaled upgrade',
        'workflow_execution_signaled cancel',
        'activity_task_scheduled settle', // as an ordinary activity, when the local activity has failed
        'activity_task_scheduled charge',
        'activity_task_scheduled runAccount',
        'activity_task_scheduled workJob',
        'activity_task_failed',
        'marker_recorded core_local_activity',
        'marker_recorded core_patch',
        'upsert_workflow_search_attributes',
      ]),
    );
    expect([...seen].filter((each) => each.startsWith('activity_task_scheduled')).length).toBeGreaterThan(3);
  });

  it.each(recorded)('%s replays on the current workflows', async (file) => {
    const history = read(file);
    expect(history.events.length).toBeGreaterThan(5); // a run that has hardly begun would replay on any workflow
    const codePath = inject('workflowBundle');
    if (codePath === null) throw new Error('the workflow bundle is missing');
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, file);
  });

  it('does not replay on workflows that take another step first', async () => {
    const workflowsPath = fileURLToPath(new URL('./broken-workflows.ts', import.meta.url));
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const replay = Worker.runReplayHistory({ workflowBundle }, read('0.1.0/sleeping.b64'), 'sleeping');
    await expect(replay).rejects.toThrow(DeterminismViolationError);
  });
});
