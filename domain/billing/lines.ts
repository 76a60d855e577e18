import type { CoveringLine, Item } from '../contracts/state.ts';
import { type Range, subtract } from '../arithmetic/ranges.ts';
import type { Charge } from '../books/charge.ts';

const uncoveredOf = (line: CoveringLine): Range[] =>
  line.uncovered.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));

/** Ranges that a line still covers. */
export function coverOf(line: CoveringLine): Range[] {
  return subtract([{ start: line.startsAt, end: line.endsAt }], uncoveredOf(line));
}

/** What is left of a line's amount after its credits. */
export function leftOf(line: CoveringLine): bigint {
  return line.uncovered.reduce((left, { amountMinor }) => left + amountMinor, line.amountMinor);
}

/** The lines after credits of them were made. */
export function afterCredits(lines: readonly CoveringLine[], charges: readonly Charge[]): CoveringLine[] {
  return lines.map((line) => {
    const credits = charges.filter((charge) => charge.reversesId === line.chargeId);
    return credits.length === 0 ? line : { ...line, uncovered: [...line.uncovered, ...credits] };
  });
}

/** New lines of items, as what covers days from now on. */
export function newLines(charges: readonly Charge[], items: readonly Item[]): CoveringLine[] {
  return charges.flatMap(({ itemId, ...charge }) => {
    if (charge.kind !== 'recurring' || itemId === null) return [];
    const origin = items.find((item) => item.id === itemId)?.origin ?? itemId;
    return [{ ...charge, itemId, origin, chargeId: charge.id, uncovered: [] }];
  });
}
