import type { Action, Plan } from './plan.ts';

type Fails = (plan: Plan) => Promise<boolean>;

/** The shortest plan that still fails. Half of the actions are left out at once, then fewer, and then their bookings. */
export async function shrink(plan: Plan, fails: Fails): Promise<Plan> {
  let best = plan;
  for (let before = -1; before !== best.actions.length;) {
    before = best.actions.length;
    for (let size = Math.max(1, before >> 1); size >= 1; size >>= 1) best = await without(best, size, fails);
  }
  for (const [n, action] of best.actions.entries()) {
    const barer = { ...best, actions: best.actions.with(n, bare(action)) };
    if (barer.actions[n] !== action && (await fails(barer))) best = barer;
  }
  return best;
}

async function without(plan: Plan, size: number, fails: Fails): Promise<Plan> {
  let best = plan;
  for (let at = 0; at < best.actions.length;) {
    const fewer = { ...best, actions: best.actions.toSpliced(at, size) };
    if (await fails(fewer)) best = fewer;
    else at += size;
  }
  return best;
}

/** The action without its bookings, or the same object if it has none. */
function bare(action: Action): Action {
  if (action.kind !== 'try' || !('add' in action.wanted) || action.wanted.add.length === 0) return action;
  return { ...action, wanted: { ...action.wanted, add: [] } };
}
