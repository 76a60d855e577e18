import type {
  AnyDerivation,
  CreditLineDerivation,
  Derivation,
  PricedDerivation,
  UsageDerivation,
} from '../books/charge.ts';
import { addDays } from '../arithmetic/calendar.ts';
import { type Language, writeDate, writeDecimal, writeMinor, writePrice } from '../parties/languages.ts';
import { cmp, dec, decText, fromMinor, isZero, minorDigits, mul, mulDiv, neg } from '../arithmetic/money.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import type { PartWords, ShareWords, Words } from './words.ts';

/** The fields of a stored line that its explanation needs. Dates are local; `to` is the day after the last day. */
export interface ExplainedLine {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly tax: { readonly rate: string; readonly country: string };
  readonly derivation: AnyDerivation;
}

const WORDS: Readonly<Record<Language, Words>> = { de, en };

/** The words of a language, and functions that write prices, numbers and dates in its form. */
interface Pen {
  readonly words: Words;
  readonly price: (text: string) => string;
  readonly number: (text: string) => string;
  readonly date: (date: string) => string;
}

/** The derivation of a line as a sentence, with every number from which its amount is computed. */
export function explainLine(line: ExplainedLine, language: Language): string {
  const pen: Pen = {
    words: WORDS[language],
    price: (text) => writePrice(text, line.currency, language),
    number: (text) => writeDecimal(text, language),
    date: (date) => writeDate(date, language),
  };
  const { words } = pen;
  const last = addDays(line.to, -1);
  const amount = `${writeMinor(line.amountMinor, line.currency, language)} ${line.currency}`;
  return words.line({
    text: line.text,
    from: pen.date(line.from),
    to: last > line.from ? pen.date(last) : null,
    how: howOf(line, pen),
    result: words.result(amount, line.priceMode, isRounded(line)),
    why: words.why[line.derivation.why],
    tax: words.tax[line.priceMode](pen.number(line.tax.rate), line.tax.country),
  });
}

function howOf({ derivation, currency }: ExplainedLine, pen: Pen): string {
  if ('one_time' in derivation) {
    const { quantity, unit_price } = derivation;
    const exact = mul(dec(quantity), dec(unit_price));
    return pen.words.oneTime(pen.number(quantity), pen.price(unit_price), pen.price(decText(exact)));
  }
  if ('usage' in derivation) return usageSentence(derivation, currency, pen);
  return 'reverses' in derivation
    ? creditSentence(derivation, currency, pen)
    : priceSentence(derivation, currency, pen);
}

function usageSentence(derivation: UsageDerivation, currency: string, pen: Pen): string {
  const { aggregation, total, shortfall, tier_minor, billed_before_minor } = derivation.usage;
  const inMajor = (minor: string): string => pen.price(decText(fromMinor(BigInt(minor), currency)));
  return pen.words.usage({
    aggregation,
    total: pen.number(total),
    floored: !isZero(dec(shortfall)),
    part: pen.words.part[derivation.part.kind](partWords(derivation, pen)),
    late:
      derivation.why === 'usage' ? null : { tier: inMajor(tier_minor), before: inMajor(billed_before_minor) },
  });
}

/** Whether the amount was rounded. An amount that is the rest of a line or of a total was not. */
function isRounded({ derivation, amountMinor, currency }: ExplainedLine): boolean {
  if ('reverses' in derivation && derivation.takes_the_rest) return false;
  if ('balance' in derivation) return false;
  if ('usage' in derivation) {
    return cmp(dec(derivation.full_amount), fromMinor(BigInt(derivation.usage.tier_minor), currency)) !== 0;
  }
  const exact =
    'one_time' in derivation
      ? mul(dec(derivation.quantity), dec(derivation.unit_price))
      : exactOf(derivation);
  const signed = 'reverses' in derivation ? neg(exact) : exact;
  return cmp(signed, fromMinor(amountMinor, currency)) !== 0;
}

function exactOf({ full_amount, fraction }: Derivation | CreditLineDerivation): ReturnType<typeof dec> {
  return mulDiv(dec(full_amount), fraction.days, fraction.of);
}

function fractionOf(
  derivation: Derivation | CreditLineDerivation,
  currency: string,
  pen: Pen,
): { days: string; of: string; unit: 'day' | 'second'; exact: string } {
  const { days, of, unit } = derivation.fraction;
  return {
    unit,
    days: pen.number(String(days)),
    of: pen.number(String(of)),
    exact: shortened(decText(exactOf(derivation)), currency, pen),
  };
}

/** The number with at most four digits more than its currency has, and an ellipsis if digits were cut off. */
function shortened(text: string, currency: string, pen: Pen): string {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = minorDigits(currency) + 4;
  if (fraction.length <= digits) return pen.price(text);
  return `${pen.price(`${whole}.${fraction.slice(0, digits)}`)}…`;
}

function creditSentence(derivation: CreditLineDerivation, currency: string, pen: Pen): string {
  const inMajor = (minor: string): string => pen.price(decText(fromMinor(BigInt(minor), currency)));
  const before = derivation.credited_before_minor;
  return pen.words.credit({
    line: inMajor(derivation.line_minor),
    creditedBefore: BigInt(before) === 0n ? null : inMajor(before),
    full: pen.price(derivation.full_amount),
    fraction: derivation.takes_the_rest ? null : fractionOf(derivation, currency, pen),
  });
}

function priceSentence(derivation: Derivation, currency: string, pen: Pen): string {
  const { days, of } = derivation.fraction;
  const { start, end } = derivation.full_period;
  const { words } = pen;
  const share = words.share({
    from: pen.date(start),
    to: pen.date(addDays(end, -1)),
    full: pen.price(derivation.full_amount),
    fraction: days === of ? null : fractionOf(derivation, currency, pen),
    balance: balanceOf(derivation, currency, pen),
  });
  return words.price(words.part[derivation.part.kind](partWords(derivation, pen)), share);
}

function balanceOf({ balance }: Derivation, currency: string, pen: Pen): ShareWords['balance'] {
  if (balance === undefined) return null;
  const inMajor = (minor: string): string => pen.price(decText(fromMinor(BigInt(minor), currency)));
  return { of: balance.of, total: inMajor(balance.total_minor), others: inMajor(balance.others_minor) };
}

function partWords(derivation: PricedDerivation, pen: Pen): PartWords {
  const { part, cap, included } = derivation;
  const bound = (text: string | null): string | null =>
    text === null || isZero(dec(text)) ? null : pen.number(text);
  const discount = discountOf(derivation);
  return {
    quantity: pen.number(part.quantity),
    unitPrice: pen.price(part.unitPrice),
    amount: pen.price(part.amount),
    cap: cap === null ? null : pen.price(cap),
    tier:
      part.tier === null || derivation.model.kind === 'discount'
        ? null
        : { above: bound(part.from), upTo: bound(part.to) },
    discount: discount && {
      base: pen.price(discount.base),
      percent: pen.number(discount.percent),
      from: pen.number(discount.from),
    },
    included:
      included === null || isZero(dec(included))
        ? null
        : { units: pen.number(included), of: pen.number(derivation.quantity) },
  };
}

function discountOf({
  model,
  part,
}: PricedDerivation): { base: string; percent: string; from: string } | null {
  const tier = model.kind === 'discount' && part.tier !== null ? model.tiers[part.tier] : undefined;
  return model.kind === 'discount' && tier !== undefined ? { base: model.price, ...tier } : null;
}
