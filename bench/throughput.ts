import { inParallel } from '../engine/in-parallel.ts';
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

/** How many per second are done when a whole herd is due at one instant, and how long telling it took. */
async function due(
  { ids, lapse, wake }: Herd,
  times: number,
  leadMs: number,
): Promise<{ perSecond: number; tellingMs: number }> {
  const begun = Date.now();
  const at = begun + leadMs;
  const round = lapse.begin({ at, times, subjects: ids.length });
  await inParallel(ids, AT_ONCE, wake);
  const [told, last] = await Promise.all([round.told, round.asleep]);
  // Too short, so that the first of them woke before the last was told: once more.
  if (told >= at) return due({ ids, lapse, wake }, times, 2 * (told - begun));
  return { perSecond: (1_000 * ids.length * times) / (last - at), tellingMs: told - begun };
}

/** Has a herd due again and again, each time as far ahead as telling it took the last time, and a third as much. */
function drover(herd: Herd, times: number): () => Promise<number> {
  let leadMs = 30 * herd.ids.length;
  return async () => {
    const { perSecond, tellingMs } = await due(herd, times, leadMs);
    leadMs = 2_000 + 1.33 * tellingMs;
    return perSecond;
  };
}

/** Alternating pairs after a warm-up of both; `heard` is told of each. */
export async function throughput(
  herds: { readonly bare: Herd; readonly contracts: Herd },
  { pairs, times }: { pairs: number; times: number },
  heard: (line: string) => void,
): Promise<Throughput> {
  const [driveBare, driveContracts] = [drover(herds.bare, times), drover(herds.contracts, times)];
  const measured: { bare: number; contracts: number }[] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const bare = await driveBare();
    const contracts = await driveContracts();
    const name = pair === 0 ? 'warm-up' : `pair ${pair}`;
    heard(
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
