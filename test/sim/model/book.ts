import type { Item } from './state.ts';
import { dayNumber, floor, meet, next, nextDay, without } from './dates.ts';
import type { Grid, Range, Zone } from './dates.ts';
import { ZERO, exact, toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Priced } from './price.ts';
import type { BilledLine, Line, LocalDate, Variant } from './types.ts';

type Unit = Variant['proration'];

/** One step at one instant. `decided` is the number of commands before it, or null for the step that begins a day. */
export interface Step {
  at: number;
  day: LocalDate;
  decided: number | null;
}

/**
 * The range that a line in advance covers, shortened when its rest is credited. `item` is the item that was billed. `owner`
 * is the item that it counts for: the same one, or one that has become equal again in a pause.
 */
export interface Cover extends Range {
  /** Null if the line is of 0.00. */
  line: BilledLine | null;
  subject: string;
  item: Item;
  owner: Item;
  full: Range;
  unit: Unit;
  /** The price of the full period, and the amount that is left of the line. */
  price: Exact;
  minor: bigint;
  key: string;
  tier: number | null;
  /** Whether a variant without proration has superseded its item. Then it is never credited. */
  kept: boolean;
}

/** A range that is billed at once, and the full period of which it is a part. */
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

/** A line of a part: its price for the full period, and the billed amount. */
export interface Share extends Priced {
  minor: bigint;
}

/** The price of an item that costs nothing. It covers its range, too. */
const NOTHING: Priced = { key: 'nothing', tier: null, amount: ZERO };
const CAP: Priced = { key: 'cap', tier: null, amount: ZERO };

/** The lines of one contract, and the ranges that lines in advance cover. */
export class Book {
  readonly lines: BilledLine[] = [];
  /** The steps that have billed something. Each makes one document. */
  private readonly documents: Step[] = [];
  private covers: Cover[] = [];
  private readonly zone: Zone;
  private readonly digits: number;

  constructor(zone: Zone, digits: number) {
    this.zone = zone;
    this.digits = digits;
  }

  /** Adds a line. Returns null for a line of 0.00, which is not listed. */
  add(step: Step, line: Omit<Line, 'at'>, credits: BilledLine | null = null): BilledLine | null {
    if (line.minor === 0n) return null;
    if (!this.documents.includes(step)) this.documents.push(step);
    const document = this.documents.indexOf(step);
    const billed = { at: new Date(step.at).toISOString(), ...line, document, credits };
    this.lines.push(billed);
    return billed;
  }

  /** Adds a line over one day: a set-up fee or a one-time charge. */
  once(step: Step, subject: string, day: LocalDate, amount: Exact): void {
    const minor = toMinor(amount, this.digits);
    const kind = 'one_time';
    this.add(step, { subject, kind, from: day, to: nextDay(day), tier: null, minor });
  }

  /** The length of a range in local days, or in milliseconds, which give the same fraction as seconds do. */
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

  /** Bills the ranges of [from, to) that are neither paused nor covered, period by period. */
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

  /** The lines of a part. If they complete the period of their item, they take the rest of its full amount (rule 9). */
  private due({ item, prices, cap }: Ahead, part: Part): Share[] {
    const whole = prices.length === 0 ? [NOTHING] : prices;
    const { range, full } = part;
    const others = this.covers.filter(
      (cover) => cover.item === item && cover.full.from === full.from && cover.full.to === full.to,
    );
    if (without(full, [range, ...others]).length > 0) return this.shares(part, whole, cap);
    const keys = new Set(whole.map(({ key }) => key));
    const formerCap = others.filter(({ key }) => key === 'cap' && !keys.has(key)).slice(0, 1);
    return [...whole, ...formerCap.map(() => CAP)].map((price) => ({
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

  /** Marks chosen lines, so that they are never credited. */
  keep(chosen: (cover: Readonly<Cover>) => boolean): void {
    for (const cover of this.covers) if (chosen(cover)) cover.kept = true;
  }

  /** Sets the item that each line counts for. */
  own(owner: (cover: Readonly<Cover>) => Item): void {
    for (const cover of this.covers) cover.owner = owner(cover);
  }

  /** Credits chosen lines from the instant on (by days: from its day on), never more than is left. */
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

/** An amount, limited to the range from 0 to `all`. */
function within(amount: bigint, all: bigint): bigint {
  const [least, most] = all < 0n ? [all, 0n] : [0n, all];
  return amount < least ? least : amount > most ? most : amount;
}
