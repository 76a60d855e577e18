import { dayNumber, floor, meet, next, nextDay, without } from './dates.ts';
import type { Grid, Range, Zone } from './dates.ts';
import { ZERO, toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Priced } from './price.ts';
import type { Line, LocalDate, Variant } from './types.ts';

type Unit = Variant['proration'];

/** One thing that happens at one instant; `decided` is the number of commands before it, null for what a day brings. */
export interface Step {
  at: number;
  day: LocalDate;
  decided: number | null;
}

/** A pre-paid line, shortened when its rest is credited. `item` is the phase or revision that it was billed for. */
export interface Cover extends Range {
  subject: string;
  item: object;
  full: Range;
  unit: Unit;
  price: Exact;
  minor: bigint;
  tier: number | null;
  /** Whether a variant without proration was left while it ran: it is never credited. */
  kept: boolean;
}

/** What is billed at once for a period: its parts and what they are parts of. */
export interface Part {
  range: Range;
  full: Range;
  unit: Unit;
}

export interface Ahead {
  subject: string;
  item: object;
  grid: Grid;
  from: number;
  to: number;
  unit: Unit;
  prices: Priced[];
}

/** What costs nothing covers its range all the same. */
const NOTHING: Priced = { key: 'nothing', tier: null, amount: ZERO };

/** The lines of one contract, and what the pre-paid ones cover. */
export class Book {
  readonly lines: Line[] = [];
  private covers: Cover[] = [];
  private readonly zone: Zone;
  private readonly digits: number;

  constructor(zone: Zone, digits: number) {
    this.zone = zone;
    this.digits = digits;
  }

  /** A line of 0.00 is not listed. */
  add(step: Step, line: Omit<Line, 'at'>): void {
    if (line.minor !== 0n) this.lines.push({ at: new Date(step.at).toISOString(), ...line });
  }

  /** A line over one day: a set-up fee, a one-time charge. */
  once(step: Step, subject: string, day: LocalDate, amount: Exact): void {
    const minor = toMinor(amount, this.digits);
    const kind = 'one_time';
    this.add(step, { subject, kind, from: day, to: nextDay(day), tier: null, minor });
  }

  /** What a range is billed by: local days, or milliseconds, which give the same fraction as seconds do. */
  private measure(unit: Unit, range: Range): bigint {
    if (unit !== 'days') return BigInt(range.to - range.from);
    return BigInt(dayNumber(this.zone.dayOf(range.to)) - dayNumber(this.zone.dayOf(range.from)));
  }

  /** Amount of the full period × part ÷ full period, rounded once (rule 10). */
  private share(price: Exact, { unit, range, full }: Part): bigint {
    const over = price.over * this.measure(unit, range);
    return toMinor({ over, under: price.under * this.measure(unit, full) }, this.digits);
  }

  dates(range: Range): { from: LocalDate; to: LocalDate } {
    return { from: this.zone.dayOf(range.from), to: nextDay(this.zone.dayOf(range.to - 1)) };
  }

  charge(step: Step, subject: string, part: Part, { amount, tier }: Priced): bigint {
    const minor = this.share(amount, part);
    this.add(step, { subject, kind: 'recurring', ...this.dates(part.range), tier, minor });
    return minor;
  }

  /** Bills what is due of [from, to) and neither paused nor covered, each period that it touches by itself. */
  ahead(step: Step, due: Ahead, pauses: readonly Range[]): void {
    const today = this.zone.start(step.day);
    this.covers = this.covers.filter((cover) => cover.subject !== due.subject || cover.to > today);
    let day = floor(due.grid, this.zone.dayOf(due.from));
    while (this.zone.start(day) < due.to) {
      const full = { from: this.zone.start(day), to: this.zone.start(next(due.grid, day)) };
      for (const range of this.open(due, full, pauses)) {
        const part = { range, full, unit: due.unit };
        for (const price of due.prices.length === 0 ? [NOTHING] : due.prices) {
          const minor = this.charge(step, due.subject, part, price);
          const { subject, item } = due;
          this.covers.push({
            ...range,
            subject,
            item,
            full,
            unit: due.unit,
            price: price.amount,
            minor,
            tier: price.tier,
            kept: false,
          });
        }
      }
      day = next(due.grid, day);
    }
  }

  private open(due: Ahead, full: Range, pauses: readonly Range[]): Range[] {
    const covered = this.covers.filter((cover) => cover.subject === due.subject);
    if (due.unit !== 'none') return without(meet(full, due), [...pauses, ...covered]);
    const begins = { from: full.from, to: full.from + 1 };
    const paused = without(begins, pauses).length === 0;
    const free = covered.every((cover) => cover.to <= full.from || cover.from >= full.to);
    return full.from >= due.from && !paused && free ? [full] : [];
  }

  /** What is covered now stays so. */
  keep(): void {
    for (const cover of this.covers) cover.kept = true;
  }

  /** Takes back what chosen lines cover from the instant on (by days: from its day on), never more than is left. */
  credit(step: Step, instant: number, chosen: (cover: Cover) => boolean): void {
    for (const cover of this.covers) {
      if (cover.unit === 'none' || cover.kept || !chosen(cover)) continue;
      const cut = cover.unit === 'days' ? this.zone.start(this.zone.dayOf(instant)) : instant;
      const range = { from: Math.max(cut, cover.from), to: cover.to };
      if (range.from >= range.to) continue;
      const rest = this.share(cover.price, { range, full: cover.full, unit: cover.unit });
      const more = cover.minor < 0n ? rest < cover.minor : rest > cover.minor;
      const minor = range.from === cover.from || more ? cover.minor : rest;
      const { subject, tier } = cover;
      this.add(step, { subject, kind: 'credit', ...this.dates(range), tier, minor: -minor });
      cover.to = range.from;
      cover.minor -= minor;
    }
    this.covers = this.covers.filter((cover) => cover.from < cover.to);
  }
}
