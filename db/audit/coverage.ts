import { type Interval, dateAt, periodOf, startOfDay } from '../../domain/calendar.ts';
import { type Range, intersect, merge, subtract } from '../../domain/ranges.ts';
import { type Keyed, batches } from '../batches.ts';
import type { Check, Finding } from './finding.ts';

interface ItemRow {
  readonly id: string;
  readonly subject: string;
  readonly quantity: string | null;
  readonly anchor: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly interval: Interval;
}

interface LineRow {
  readonly id: string;
  readonly itemId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly credited: readonly { readonly startsAt: string; readonly endsAt: string }[];
}

interface ContractRow extends Keyed {
  readonly zone: string;
  readonly trialEndsAt: string | null;
  readonly settledThrough: string;
  readonly phases: readonly {
    readonly kind: string;
    readonly startsAt: string;
    readonly recordedAt: string;
  }[];
  /** By subject and revision. */
  readonly items: readonly ItemRow[];
  readonly lines: readonly LineRow[];
}

/** Recurring lines in their first part only: the tiers of one price cover the same days. */
const CONTRACTS = `select c.merchant_id, c.id, c.time_zone as zone, c.trial_ends_at as "trialEndsAt", c.settled_through as "settledThrough",
    (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'startsAt', iso(starts_at), 'recordedAt', iso(recorded_at))
        order by starts_at, id), '[]') from contract_phases p where p.merchant_id = c.merchant_id and p.contract_id = c.id) as phases,
    (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'subject', i.subject, 'quantity', i.quantity::text, 'anchor', i.anchor_date,
        'effectiveAt', iso(i.effective_at), 'recordedAt', iso(i.recorded_at), 'interval', jsonb_build_object(
          'unit', coalesce(m.interval_unit, v.fee_interval_unit), 'count', coalesce(m.interval_count, v.fee_interval_count)))
        order by i.subject, i.revision), '[]')
      from items i left join variant_versions v on v.merchant_id = i.merchant_id and v.id = i.variant_version_id
      left join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
      where i.merchant_id = c.merchant_id and i.contract_id = c.id and coalesce(m.payment_mode, 'pre_paid') = 'pre_paid') as items,
    (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'itemId', l.item_id, 'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at),
        'credited', (select coalesce(jsonb_agg(jsonb_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at)) order by r.id), '[]')
          from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id)) order by l.starts_at, l.id), '[]')
      from charges l where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring' and l.part = 0) as lines
  from contracts c where (c.merchant_id, c.id) > ($1, $2) order by c.merchant_id, c.id limit $3`;

const BATCH = 100;

/** Every day of every item is covered once where it was due, and never twice. */
export const coverageChecks: Check = async function* (db) {
  for await (const batch of batches<ContractRow>(db, CONTRACTS, BATCH)) {
    for (const contract of batch) yield* coverageOf(contract);
  }
};

function coverageOf(contract: ContractRow): Finding[] {
  const subjects = [...new Set(contract.items.map((item) => item.subject))];
  const due = duePhases(contract);
  return subjects.flatMap((subject) => {
    const items = contract.items.filter((item) => item.subject === subject);
    const own = new Set(items.map((item) => item.id));
    const lines = contract.lines.filter((line) => own.has(line.itemId));
    return [
      ...coveredTwice(contract, subject, lines),
      ...lines.flatMap((line) => creditedWrongly(contract, line)),
      ...items.flatMap((item, index) => notCovered(contract, item, items[index + 1], lines, due)),
    ];
  });
}

/** What a line still covers after its credits. */
function coverOf({ startsAt, endsAt, credited }: LineRow): Range[] {
  return subtract([{ start: startsAt, end: endsAt }], credited.map(rangeOf));
}

const rangeOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }): Range => ({
  start: startsAt,
  end: endsAt,
});

/** Days that two ranges of a list have in common. */
function overlaps(ranges: readonly Range[]): Range[] {
  let before: Range[] = [];
  const twice: Range[] = [];
  for (const range of ranges) {
    twice.push(...intersect([range], before));
    before = merge([...before, range]);
  }
  return merge(twice);
}

function coveredTwice(contract: ContractRow, subject: string, lines: readonly LineRow[]): Finding[] {
  return overlaps(lines.flatMap(coverOf)).map((range) =>
    finding('day_covered_twice', contract, `${subject}: ${days(contract, range)}`),
  );
}

function creditedWrongly(contract: ContractRow, line: LineRow): Finding[] {
  const credits = line.credited.map(rangeOf);
  const wrong = [...overlaps(credits), ...subtract(credits, [rangeOf(line)])];
  return wrong.map((range) =>
    finding('day_credited_twice', contract, `line ${line.id}: ${days(contract, range)}`),
  );
}

/**
 * What must be covered of an item: its own time until its successor's, while the contract was neither on trial nor
 * paused, up to the end of the period that was billed last. What was billed before a pause may reach further.
 */
function notCovered(
  contract: ContractRow,
  item: ItemRow,
  successor: ItemRow | undefined,
  lines: readonly LineRow[],
  due: readonly Range[],
): Finding[] {
  if (item.quantity === null) return [];
  const { zone, settledThrough } = contract;
  const billed = periodOf(item.anchor, item.interval, dateAt(settledThrough, zone));
  const horizon = startOfDay(billed.end, zone);
  const own = { start: fromDay(item.effectiveAt, item, zone), end: successor?.effectiveAt ?? horizon };
  const needed = intersect([own], intersect(due, [{ start: '', end: horizon }]));
  const cover = lines.filter((line) => line.itemId === item.id).flatMap(coverOf);
  return subtract(needed, cover).map((range) =>
    finding('day_not_covered', contract, `${item.subject}, item ${item.id}: ${days(contract, range)}`),
  );
}

/** The days in which the contract was in phase `normal`; the last phase is open. A pause frees the day it begins on. */
function duePhases({ phases, zone, trialEndsAt }: ContractRow): Range[] {
  const normal = phases.flatMap((phase, index): Range[] => {
    if (phase.kind !== 'normal') return [];
    const next = phases[index + 1];
    const end = next === undefined ? FOREVER : startOfDay(dateAt(next.startsAt, zone), zone);
    return [{ start: fromDay(phase.startsAt, phase, zone), end }];
  });
  return intersect(normal, [{ start: trialEndsAt ?? '', end: FOREVER }]);
}

const FOREVER = '9999-12-31T00:00:00.000Z';

/** The day from which a row counts: nothing is billed for days that were over when it was made. */
function fromDay(at: string, { recordedAt }: { recordedAt: string }, zone: string): string {
  return startOfDay(dateAt(recordedAt > at ? recordedAt : at, zone), zone);
}

function days({ zone }: ContractRow, { start, end }: Range): string {
  return `${dateAt(start, zone)} to before ${dateAt(end, zone)}`;
}

function finding(check: string, { merchant_id, id }: ContractRow, message: string): Finding {
  return { check, merchant_id, id, message };
}
