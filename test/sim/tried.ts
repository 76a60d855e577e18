import { invent } from './invent.ts';
import { Chance } from './random.ts';
import { shrink } from './shrink.ts';
import type { Plan } from './invent.ts';
import { type Outcome, live } from './live.ts';
import type { World } from './servers.ts';
import { ApiBackend } from './through-api.ts';

/** A plan, lived through the API of a world. */
async function lived(world: World, plan: Plan): Promise<Outcome> {
  const backend = await ApiBackend.open(world, plan);
  try {
    return await live(plan, backend);
  } finally {
    await backend.close();
  }
}

/** The life of a seed; where it is wrong, the shortest plan that is, and what is wrong with it. */
export async function tried(
  world: World,
  seed: number,
  steps: number,
): Promise<Outcome & { shortest: Plan | null }> {
  const plan = invent(seed, steps, new Chance(seed));
  const outcome = await lived(world, plan);
  if (outcome.wrong.length === 0) return { ...outcome, shortest: null };
  const shortest = await shrink(plan, async (each) => (await lived(world, each)).wrong.length > 0);
  const { wrong } = await lived(world, shortest);
  return { ...outcome, wrong: wrong.length === 0 ? outcome.wrong : wrong, shortest };
}
