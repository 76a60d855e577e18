import { expect, it } from 'vitest';
import {
  PREFIX,
  clockWorkflow,
  collectionWorkflow,
  contractWorkflow,
  parseWorkflowId,
  sandboxEventOf,
} from '../../temporal/ids.ts';

it('the id of a workflow names its type and the row that it is for', () => {
  expect(contractWorkflow('con_1')).toBe('contract/con_1');
  expect(collectionWorkflow('rec_1')).toBe('collection/rec_1');
  expect(clockWorkflow('clk_1')).toBe('clock/clk_1');
  expect(parseWorkflowId('contract/con_1')).toEqual({ type: 'contract', rowId: 'con_1' });
  expect(parseWorkflowId('collection/rec_1')).toEqual({ type: 'collection', rowId: 'rec_1' });
  expect(parseWorkflowId('clock/clk_1')).toEqual({ type: 'clock', rowId: 'clk_1' });
});

it('the agenda id of a sandbox event is not the id of a workflow', () => {
  expect(sandboxEventOf(`${PREFIX.sandboxEvent}evt_1`)).toBe('evt_1');
  expect(() => parseWorkflowId('sandbox/evt_1')).toThrow(RangeError);
  expect(() => parseWorkflowId('con_1')).toThrow(RangeError);
});
