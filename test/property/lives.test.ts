import { expect, test } from 'vitest';
import type { Step } from '../../domain/billing/steps.ts';
import { mostLines, mostLinesOfChange } from '../../domain/contracts/line-bound.ts';
import type { ContractState } from '../../domain/contracts/state.ts';
import { PureBackend } from '../sim/pure/pure.ts';
import { liveSeed } from '../sim/seeded.ts';

/** The most lines that a step could make: for an order or a change as it was checked, otherwise by the state before the step. */
function boundOf(before: ContractState, { decision, rows, state }: Step): number {
  const kind = before.commands.find(({ id }) => id === decision?.commandId)?.body.kind;
  const performed = rows.closed.some((each) => each.state === 'done');
  const changed = kind === 'order' || kind === 'change' || performed;
  return changed ? mostLinesOfChange(before, state) : mostLines(before);
}

const NAME =
  'random contracts are billed as an independent model says, line by line (rules 1 to 27), and no step makes more lines than its bound (rule 50)';

test(NAME, { timeout: 240_000 }, async () => {
  let atTheirBound = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const beyond: string[] = [];
    const watch = (before: ContractState, step: Step): void => {
      const lines = step.charges.filter(({ kind }) => kind !== 'one_time').length;
      const most = boundOf(before, step);
      if (lines > most) beyond.push(`${step.at}: ${lines} lines, at most ${most}`);
      if (lines > 3 && lines === most) atTheirBound++;
    };
    const { wrong, shortest } = await liveSeed(
      (setting, use) => use(new PureBackend(setting, watch)),
      seed,
      50,
    );
    expect(wrong, `seed ${seed}: ${JSON.stringify(shortest)}`).toEqual([]);
    expect(beyond, `seed ${seed}`).toEqual([]);
  }
  // If steps did not reach their bound, the bound would be too high.
  expect(atTheirBound).toBeGreaterThan(50);
});
