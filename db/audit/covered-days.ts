import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { type Range, intersect, merge, subtract } from '../../domain/arithmetic/ranges.ts';
import { sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import {
  type CoverLine,
  type History,
  type Revision,
  history as storedHistory,
  rangeText,
} from './history.ts';
import { owedOf } from './owed.ts';
import { checkOfRows } from './slices.ts';

/** Checks that recurring items are covered once where they were due, and never twice. */
export const coverageChecks = checkOfRows({
  name: 'coverage',
  table: 'contracts',
  size: 50,
  sql: sqlFile(import.meta.url, 'coverage.sql'),
  row: storedHistory,
  findings: coverageOf,
});

function coverageOf(history: History): Finding[] {
  const subjects = new Set([...history.items, ...history.lines].map((each) => each.subject));
  return [...subjects].flatMap((subject) => {
    const items = history.items.filter((item) => item.subject === subject);
    const lines = history.lines.filter((line) => line.subject === subject);
    const cover = lines.flatMap(coverOf);
    return [
      ...overlaps(cover).map((range) =>
        finding('day_covered_twice', history, `${subject}: ${rangeText(history, range)}`),
      ),
      ...lines.flatMap((line) => creditedWrongly(history, line)),
      ...items.flatMap((item) => notCovered(history, item, cover)),
    ];
  });
}

/** The ranges that a line still covers after its credits. */
function coverOf({ startsAt, endsAt, credited }: CoverLine): Range[] {
  return subtract([{ start: startsAt, end: endsAt }], credited.map(rangeOf));
}

const rangeOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }): Range => ({
  start: startsAt,
  end: endsAt,
});

/** The time that is in more than one range of a list. */
function overlaps(ranges: readonly Range[]): Range[] {
  let before: Range[] = [];
  const twice: Range[] = [];
  for (const range of ranges) {
    twice.push(...intersect([range], before));
    before = merge([...before, range]);
  }
  return merge(twice);
}

function creditedWrongly(history: History, line: CoverLine): Finding[] {
  const credits = line.credited.map(rangeOf);
  const wrong = [...overlaps(credits), ...subtract(credits, [rangeOf(line)])];
  return wrong.map((range) =>
    finding('day_credited_twice', history, `line ${line.id}: ${rangeText(history, range)}`),
  );
}

function notCovered(history: History, item: Revision, cover: readonly Range[]): Finding[] {
  const { ranges, firsts } = owedOf(history, item);
  const open = firsts.filter((first) => !cover.some(({ start, end }) => start <= first && first < end));
  const missing = [
    ...subtract(ranges, cover).map((range) => rangeText(history, range)),
    ...open.map((first) => `the period that begins on ${dateAt(first, history.zone)}`),
  ];
  return missing.map((what) =>
    finding('day_not_covered', history, `${item.subject}, item ${item.id}: ${what}`),
  );
}

function finding(check: string, { merchant_id, id }: History, message: string): Finding {
  return { check, merchant_id, id, message };
}
