import type { Item } from './state.ts';
import { dayNumber, floor, meet, next, nextDay, without } from './dates.ts';
import type { Grid, Range, Zone } from './dates.ts';
import { ZERO, exact, toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Priced } from './price.ts';
import type { BilledLine, Line, LocalDate, Variant } from './types.ts';

type Unit = Variant['proration'];

/** One thing that happens at one instant; `decided` is the number of commands before it, null for what a day brings. */
export interface Step {
  at: number;
  day: LocalDate;
  decided: number | null;
}

/**
 * A pre-paid line, shortened when its rest is credited. `item` is what it was billed for, `owner` what it counts for: the
 * same, or what has become the same again in a pause.
 */
export interface Cover extends Range {
  /** Null where it is of 0.00. */
  line: BilledLine | null;
  subject: string;
  item: Item;
  owner: Item;
  full: Range;
  unit: Unit;
  /** What the full period costs, and what is left of the line. */
  price: Exact;
  minor: bigint;
  key: string;
  tier: number | null;
  /** Whether a variant without proration has come while it ran: it is never credited. */
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
  item: Item;
  grid: Grid;
  from: number;
  to: number;
  unit: Unit;
  prices: Priced[];
  cap: string | null;
}

/** A line of a part: its price, and what is billed of it. */
export interface Share extends Priced {
  minor: bigint;
}

/** What costs nothing covers its range all the same. */
const NOTHING: Priced = { key: 'nothing', tier: null, amount: ZERO };
const CAP: Priced = { key: 'cap', tier: null, amount: ZERO };

/** The lines of one contract, and what the pre-paid ones cover. */
export class Book {
  readonly lines: BilledLine[] = [];
  /** What is billed in one step is one document. */
  private readonly documents: Step[] = [];
  private covers: Cover[] = [];
  private readonly zone: Zone;
  private readonly digits: number;

  constructor(zone: Zone, digits: number) {
    this.zone = zone;
    this.digits = digits;
  }

  /** A line of 0.00 is not listed, and null. */
  add(step: Step, line: Omit<Line, 'at'>, credits: BilledLine | null = null): BilledLine | null {
    if (line.minor === 0n) return null;
    if (!this.documents.includes(step)) this.documents.push(step);
    const document = this.documents.indexOf(step);
    const billed = { at: new Date(step.at).toISOString(), ...line, document, credits };
    this.lines.push(billed);
    return billed;
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

  /** The lines of a part. Together they are no more than the cap's share, rounded once (rule 12). */
  shares(part: Part, prices: readonly Priced[], cap: string | null): Share[] {
    const shares = prices.map((price) => ({ ...price, minor: this.share(price.amount, part) }));
    if (cap === null) return shares;
    const over = sum(shares) - this.share(exact(cap), part);
    if (over <= 0n) return shares;
    const capped = shares.find(({ key }) => key === 'cap') ?? { ...CAP, minor: 0n };
    return [...shares.filter(({ key }) => key !== 'cap'), { ...capped, minor: capped.minor - over }];
  }

  charge(step: Step, subject: string, range: Range, { tier, minor }: Share): BilledLine | null {
    return this.add(step, { subject, kind: 'recurring', ...this.dates(range), tier, minor });
  }

  /** Bills what is due of [from, to) and neither paused nor covered, each period that it touches by itself. */
  ahead(step: Step, due: Ahead, pauses: readonly Range[]): void {
    const today = this.zone.start(step.day);
    this.covers = this.covers.filter((cover) => cover.subject !== due.subject || cover.full.to > today);
    let day = floor(due.grid, this.zone.dayOf(due.from));
    while (this.zone.start(day) < due.to) {
      const full = { from: this.zone.start(day), to: this.zone.start(next(due.grid, day)) };
      for (const range of this.open(due, full, pauses)) {
        const { subject, item, unit } = due;
        for (const share of this.due(due, { range, full, unit })) {
          const line = this.charge(step, subject, range, share);
          const { amount: price, ...rest } = share;
          const cover = {
            ...range,
            line,
            subject,
            item,
            owner: item,
            full,
            unit,
            price,
            ...rest,
            kept: false,
          };
          this.covers.push(cover);
        }
      }
      day = next(due.grid, day);
    }
  }

  /** The lines of a part; those that complete the period of their item take all that is left of it (rule 9). */
  private due({ item, prices, cap }: Ahead, part: Part): Share[] {
    const whole = prices.length === 0 ? [NOTHING] : prices;
    const { range, full } = part;
    const others = this.covers.filter(
      (cover) => cover.item === item && cover.full.from === full.from && cover.full.to === full.to,
    );
    if (without(full, [range, ...others]).length > 0) return this.shares(part, whole, cap);
    const keys = new Set(whole.map(({ key }) => key));
    const gone = others.filter(({ key }) => key === 'cap' && !keys.has(key)).slice(0, 1);
    return [...whole, ...gone.map(() => CAP)].map((price) => ({
      ...price,
      minor: toMinor(price.amount, this.digits) - sum(others.filter(({ key }) => key === price.key)),
    }));
  }

  private open(due: Ahead, full: Range, pauses: readonly Range[]): Range[] {
    const covered = this.covers.filter((cover) => cover.subject === due.subject);
    if (due.unit !== 'none') return without(meet(full, due), [...pauses, ...covered]);
    const begins = { from: full.from, to: full.from + 1 };
    const paused = without(begins, pauses).length === 0;
    const free = covered.every((cover) => cover.to <= full.from || cover.from >= full.to);
    return full.from >= due.from && !paused && free ? [full] : [];
  }

  /** What chosen lines cover stays covered, whatever comes. */
  keep(chosen: (cover: Readonly<Cover>) => boolean): void {
    for (const cover of this.covers) if (chosen(cover)) cover.kept = true;
  }

  /** Says what each line counts for. */
  own(owner: (cover: Readonly<Cover>) => Item): void {
    for (const cover of this.covers) cover.owner = owner(cover);
  }

  /** Takes back what chosen lines cover from the instant on (by days: from its day on), never more than is left. */
  credit(step: Step, instant: number, chosen: (cover: Readonly<Cover>) => boolean): void {
    for (const cover of this.covers) {
      if (cover.unit === 'none' || cover.kept || !chosen(cover)) continue;
      const cut = cover.unit === 'days' ? this.zone.start(this.zone.dayOf(instant)) : instant;
      const range = { from: Math.max(cut, cover.from), to: cover.to };
      if (range.from >= range.to) continue;
      const rest = this.share(cover.price, { range, full: cover.full, unit: cover.unit });
      const minor = range.from === cover.from ? cover.minor : within(rest, cover.minor);
      const { subject, tier } = cover;
      this.add(step, { subject, kind: 'credit', ...this.dates(range), tier, minor: -minor }, cover.line);
      cover.to = range.from;
      cover.minor -= minor;
    }
    this.covers = this.covers.filter((cover) => cover.from < cover.to);
  }
}

const sum = (lines: readonly { minor: bigint }[]): bigint =>
  lines.reduce((all, { minor }) => all + minor, 0n);

/** An amount, but no more than all, and none of the other sign. */
function within(amount: bigint, all: bigint): bigint {
  const [least, most] = all < 0n ? [all, 0n] : [0n, all];
  return amount < least ? least : amount > most ? most : amount;
}
