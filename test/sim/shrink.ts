import type { Plan } from './invent.ts';

/** The shortest plan that still fails: actions are left out, half of them at once, then fewer, then the bookings. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean> | boolean): Promise<Plan> {
  let best = plan;
  for (let before = -1; before !== best.actions.length;) {
    before = best.actions.length;
    for (let size = Math.max(1, before >> 1); size >= 1; size >>= 1) best = await without(best, size, fails);
  }
  const bare = { ...best, order: { ...best.order, add: [] } };
  return (await fails(bare)) ? bare : best;
}

async function without(
  plan: Plan,
  size: number,
  fails: (plan: Plan) => Promise<boolean> | boolean,
): Promise<Plan> {
  let best = plan;
  for (let at = 0; at < best.actions.length;) {
    const fewer = { ...best, actions: best.actions.toSpliced(at, size) };
    if (await fails(fewer)) best = fewer;
    else at += size;
  }
  return best;
}
