import { differences } from './compare.ts';
import type { Plan } from './invent.ts';
import { type Backend, Lived } from './life.ts';
import { bill } from './model.ts';

export interface Outcome {
  /** What is wrong: differences from the model, findings of the audit, or what was thrown. Empty for a good life. */
  readonly wrong: readonly string[];
  /** How much of the plan was accepted, and how much was billed. */
  readonly accepted: number;
  readonly lines: number;
}

/** Lives a plan to its end, or until its books are wrong, and compares what was billed with the model. */
export async function live(plan: Plan, backend: Backend): Promise<Outcome> {
  const lived = new Lived(plan, backend);
  const { life } = lived;
  const accepted = (): number => life.commands.length + life.usage.length + life.oneTime.length;
  try {
    if (!(await lived.begin())) return { wrong: [], accepted: 0, lines: 0 };
    for (const [step, action] of plan.actions.entries()) {
      await lived.do(action);
      const found = await backend.audit();
      if (found.length > 0)
        return {
          wrong: [`after step ${step + 1}, ${action.kind}:`, ...found],
          accepted: accepted(),
          lines: 0,
        };
    }
    const lines = await lived.lines();
    return {
      wrong: differences(lines, bill(plan.catalogue, life)),
      accepted: accepted(),
      lines: lines.length,
    };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { wrong: [text], accepted: accepted(), lines: 0 };
  }
}
