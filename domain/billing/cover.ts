import type { CoveringLine, Item } from '../contracts/state.ts';
import { type Range, subtract } from '../arithmetic/ranges.ts';
import type { Charge } from '../books/charge.ts';

const uncoveredOf = (line: CoveringLine): Range[] =>
  line.uncovered.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));

/** The ranges that a line still covers after its credits. */
export function coverOf(line: CoveringLine): Range[] {
  return subtract([{ start: line.startsAt, end: line.endsAt }], uncoveredOf(line));
}

/** The amount that is left of a line after its credits. */
export function leftOf(line: CoveringLine): bigint {
  return line.uncovered.reduce((left, { amountMinor }) => left + amountMinor, line.amountMinor);
}

/** The lines with the ranges and amounts that new credits take back. */
export function afterCredits(lines: readonly CoveringLine[], charges: readonly Charge[]): CoveringLine[] {
  const credits = new Map<string, Charge[]>();
  for (const charge of charges) {
    if (charge.reversesId === null) continue;
    const known = credits.get(charge.reversesId);
    if (known === undefined) credits.set(charge.reversesId, [charge]);
    else known.push(charge);
  }
  return lines.map((line) => {
    const made = credits.get(line.chargeId);
    return made === undefined ? line : { ...line, uncovered: [...line.uncovered, ...made] };
  });
}

/** The recurring charges as lines that cover their ranges. */
export function newLines(charges: readonly Charge[], items: readonly Item[]): CoveringLine[] {
  const origins = new Map(items.map(({ id, origin }) => [id, origin]));
  return charges.flatMap(({ itemId, ...charge }) => {
    if (charge.kind !== 'recurring' || itemId === null) return [];
    return [{ ...charge, itemId, origin: origins.get(itemId) ?? itemId, chargeId: charge.id, uncovered: [] }];
  });
}
