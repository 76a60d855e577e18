import { inParallel } from '../engine/platform/in-parallel.ts';
import type { TimeLapse } from './lapse.ts';

/** Many workflows of one kind that sleep. */
export interface Herd {
  readonly ids: readonly string[];
  readonly lapse: TimeLapse;
  /** Starts or wakes one, which asks when to wake next. */
  readonly wake: (id: string) => Promise<void>;
}

export interface Throughput {
  /** Renewals per second of the bare workflow and of contracts, pair by pair. */
  readonly pairs: readonly { readonly bare: number; readonly contracts: number }[];
  /** The median of contracts ÷ bare. */
  readonly ratio: number;
  readonly bare: number;
  readonly contracts: number;
}

const AT_ONCE = 32;

/** How many per second are done when a whole herd is due at one instant, and how long scheduling it took. */
async function renewAtOnce(
  { ids, lapse, wake }: Herd,
  times: number,
  leadMs: number,
): Promise<{ perSecond: number; schedulingMs: number }> {
  const begun = Date.now();
  const at = begun + leadMs;
  const round = lapse.begin({ at, times, subjects: ids.length });
  await inParallel(ids, AT_ONCE, wake);
  const [scheduled, last] = await Promise.all([round.scheduled, round.asleep]);
  // Too short, so that the first of them woke before the last was told: once more.
  if (scheduled >= at) return renewAtOnce({ ids, lapse, wake }, times, 2 * (scheduled - begun));
  return { perSecond: (1_000 * ids.length * times) / (last - at), schedulingMs: scheduled - begun };
}

/** Has a herd due again and again, each time as far ahead as scheduling it took the last time, and a third as much. */
function repeatedly(herd: Herd, times: number): () => Promise<number> {
  let leadMs = 30 * herd.ids.length;
  return async () => {
    const { perSecond, schedulingMs } = await renewAtOnce(herd, times, leadMs);
    leadMs = 2_000 + 1.33 * schedulingMs;
    return perSecond;
  };
}

/** Alternating pairs after a warm-up of both; `report` takes a line for each. */
export async function throughput(
  herds: { readonly bare: Herd; readonly contracts: Herd },
  { pairs, times }: { pairs: number; times: number },
  report: (line: string) => void,
): Promise<Throughput> {
  const [renewBare, renewContracts] = [repeatedly(herds.bare, times), repeatedly(herds.contracts, times)];
  const measured: { bare: number; contracts: number }[] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const bare = await renewBare();
    const contracts = await renewContracts();
    const name = pair === 0 ? 'warm-up' : `pair ${pair}`;
    report(
      `${name}: bare ${bare.toFixed(1)}/s, contracts ${contracts.toFixed(1)}/s, ${(contracts / bare).toFixed(2)}`,
    );
    if (pair > 0) measured.push({ bare, contracts });
  }
  return {
    pairs: measured,
    ratio: median(measured.map((pair) => pair.contracts / pair.bare)),
    bare: median(measured.map((pair) => pair.bare)),
    contracts: median(measured.map((pair) => pair.contracts)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
