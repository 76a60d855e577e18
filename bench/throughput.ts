import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../engine/platform/in-parallel.ts';
import { type CpuTime, millis, perEach, sumOf } from './cpu.ts';
import type { TimeLapse } from './lapse.ts';

/** Many sleeping workflows of one kind. */
export interface Herd {
  readonly ids: readonly string[];
  readonly lapse: TimeLapse;
  /** Starts or wakes a workflow, which then asks when to wake next. */
  readonly wake: (id: string) => Promise<void>;
  readonly cpu: () => CpuTime;
}

/** The result for a herd that was due at one instant. */
export interface Renewed {
  readonly perSecond: number;
  /** CPU time per renewal. */
  readonly cpuMs: CpuTime;
  /** How long it took until all workflows slept until their due instant. */
  readonly schedulingMs: number;
  /** The number of rounds. A round is repeated if some workflows woke before all slept. */
  readonly rounds: number;
}

/** The result of contracts compared with bare workflows. */
export interface Throughput {
  /** Renewals per second of the bare workflow and of contracts, pair by pair. */
  readonly pairs: readonly { readonly bare: number; readonly contracts: number }[];
  /** The median of contracts ÷ bare. */
  readonly ratio: number;
  readonly bare: number;
  readonly contracts: number;
  /** CPU time per renewal, of all processes, in the median pair. */
  readonly cpuMs: { readonly bare: CpuTime; readonly contracts: CpuTime };
}

const AT_ONCE = 32;

/** Renews a whole herd that is due at one instant, `leadMs` from now, and measures it. */
async function renewAtOnce(herd: Herd, times: number, leadMs: number, rounds = 1): Promise<Renewed> {
  const { ids, lapse, wake, cpu } = herd;
  const begun = Date.now();
  const at = begun + leadMs;
  const round = lapse.begin({ at, times, subjects: ids.length });
  await inParallel(ids, AT_ONCE, wake);
  const scheduled = await round.scheduled;
  if (scheduled >= at) {
    // The lead was too short: the first workflows woke before the last was scheduled. Repeat when all sleep.
    await round.asleep;
    return renewAtOnce(herd, times, 2 * (scheduled - begun), rounds + 1);
  }
  await delay(at - Date.now() - 20);
  const before = cpu();
  const last = await round.asleep;
  const renewals = ids.length * times;
  return {
    perSecond: (1_000 * renewals) / (last - at),
    cpuMs: perEach(before, cpu(), renewals),
    schedulingMs: scheduled - begun,
    rounds,
  };
}

/**
 * Returns a function that renews a herd once. Each time, the due instant is ahead by four thirds of the last scheduling time, plus
 * two seconds. The first time it is derived from `schedulingMs`.
 */
export function repeatedly(
  herd: Herd,
  times: number,
  schedulingMs = 20 * herd.ids.length,
): () => Promise<Renewed> {
  let leadMs = 2_000 + 1.33 * schedulingMs;
  return async () => {
    const renewed = await renewAtOnce(herd, times, leadMs);
    leadMs = 2_000 + 1.33 * renewed.schedulingMs;
    return renewed;
  };
}

/** Measures two herds in turns, after a warm-up of both. `report` is called for each pair. */
export async function inTurns(
  herds: readonly [one: Herd, other: Herd],
  { pairs, times }: { pairs: number; times: number },
  report: (pair: string, one: Renewed, other: Renewed) => void,
): Promise<[one: Renewed, other: Renewed][]> {
  const [renewOne, renewOther] = [repeatedly(herds[0], times), repeatedly(herds[1], times)];
  const measured: [Renewed, Renewed][] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const [one, other] = [await renewOne(), await renewOther()];
    report(pair === 0 ? 'warm-up' : `pair ${pair}`, one, other);
    if (pair > 0) measured.push([one, other]);
  }
  return measured;
}

/** Measures contracts compared with bare workflows, in turns. */
export async function throughput(
  herds: { readonly bare: Herd; readonly contracts: Herd },
  options: { pairs: number; times: number },
  report: (line: string) => void,
): Promise<Throughput> {
  const measured = await inTurns([herds.bare, herds.contracts], options, (pair, bare, contracts) =>
    report(
      `${pair}: bare ${perSecondOf(bare)}, contracts ${perSecondOf(contracts)}, ${ratioOf(contracts, bare)}`,
    ),
  );
  const ofMiddle = (index: 0 | 1): CpuTime => middle(measured.map((pair) => pair[index].cpuMs));
  return {
    pairs: measured.map(([bare, contracts]) => ({ bare: bare.perSecond, contracts: contracts.perSecond })),
    ratio: median(measured.map(([bare, contracts]) => contracts.perSecond / bare.perSecond)),
    bare: median(measured.map(([bare]) => bare.perSecond)),
    contracts: median(measured.map(([, contracts]) => contracts.perSecond)),
    cpuMs: { bare: ofMiddle(0), contracts: ofMiddle(1) },
  };
}

/** Formats the rate and the CPU time of a result. */
export const perSecondOf = ({ perSecond, cpuMs }: Renewed): string =>
  `${perSecond.toFixed(1)}/s at ${millis(cpuMs)} of CPU`;

/** Formats the ratio of two rates. */
export const ratioOf = (one: Renewed, other: Renewed): string => (one.perSecond / other.perSecond).toFixed(2);

/** The median CPU time by the sum of all processes. */
function middle(times: readonly CpuTime[]): CpuTime {
  const sorted = [...times].sort((a, b) => sumOf(a) - sumOf(b));
  return sorted[Math.floor(sorted.length / 2)] ?? { node: 0, postgres: 0, temporal: 0 };
}

/** The median of values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
