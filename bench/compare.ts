import { type Herd, inTurns, median, perSecondOf, ratioOf } from './throughput.ts';

/** The renewal rate of some contracts, compared with that of others. */
export interface Compared {
  readonly contracts: number;
  readonly comparedWith: number;
  /** Renewals per second, pair by pair. */
  readonly pairs: readonly { readonly these: number; readonly those: number }[];
  readonly these: number;
  readonly those: number;
  /** The median of these ÷ those. */
  readonly ratio: number;
}

/** Measures how fast some contracts renew that are due at one instant, compared with others, in turns. */
export async function compare(
  { these, those }: { readonly these: Herd; readonly those: Herd },
  { name, pairs }: { readonly name: string; readonly pairs: number },
  report: (line: string) => void,
): Promise<Compared> {
  const measured = await inTurns([those, these], { pairs, times: 1 }, (pair, others, ones) =>
    report(`${name}, ${pair}: ${perSecondOf(others)}, then ${perSecondOf(ones)}, ${ratioOf(ones, others)}`),
  );
  return {
    contracts: these.ids.length,
    comparedWith: those.ids.length,
    pairs: measured.map(([those, these]) => ({ these: these.perSecond, those: those.perSecond })),
    these: median(measured.map(([, these]) => these.perSecond)),
    those: median(measured.map(([those]) => those.perSecond)),
    ratio: median(measured.map(([those, these]) => these.perSecond / those.perSecond)),
  };
}
