import type { Backend } from './backend.ts';
import { inventSetting, inventing } from './invent.ts';
import { type Next, type Outcome, live, planned } from './live.ts';
import type { Plan, Setting } from './plan.ts';
import { Chance } from './random.ts';
import { shrink } from './shrink.ts';

/** Opens a backend for one life, and closes it afterwards. */
export type Place = (setting: Setting, use: (backend: Backend) => Promise<Outcome>) => Promise<Outcome>;

export interface LifeOptions {
  /** Whether a wrong life is shortened. */
  readonly shrinks?: boolean;
  /** Whether a life ends with an hour without requests, in which everything under way is finished. */
  readonly rests?: boolean;
}

/** Runs the life of a seed. If it is wrong, the result has the shortest plan that is wrong, and its findings. */
export async function liveSeed(
  place: Place,
  seed: number,
  steps: number,
  { shrinks = true, rests = false }: LifeOptions = {},
): Promise<Outcome & { readonly shortest: Plan | null }> {
  const random = new Chance(seed);
  const setting = inventSetting(seed, random);
  const lived = (next: Next): Promise<Outcome> => place(setting, (backend) => live(setting, backend, next));
  const invented = inventing(setting, random, steps);
  const outcome = await lived(rests ? atRestAfter(invented) : invented);
  if (outcome.wrong.length === 0) return { ...outcome, shortest: null };
  if (!shrinks) return { ...outcome, shortest: outcome.plan };
  const shortest = await shrink(outcome.plan, async (each) => (await lived(planned(each))).wrong.length > 0);
  const { wrong } = await lived(planned(shortest));
  return { ...outcome, wrong: wrong.length === 0 ? outcome.wrong : wrong, shortest };
}

function atRestAfter(next: Next): Next {
  let rested = false;
  return async (contracts, see) => {
    const action = rested ? null : await next(contracts, see);
    if (action !== null || rested) return action;
    rested = true;
    return { kind: 'advance', seconds: 3_600 };
  };
}
