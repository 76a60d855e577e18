import type { CreditDerivation, Derivation, Why } from './billing/charge.ts';
import { addDays } from './calendar.ts';
import { dec, decText, formatMinor, isZero, minorDigits } from './money.ts';

/** A stored line, as far as its explanation needs it. Dates are local; `to` is the day after the last. */
export interface ExplainedLine {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly derivation: Derivation | CreditDerivation;
}

const reasons: Record<Why, string> = {
  renewal: 'because the period began',
  first_period: 'because the first period began',
  change: 'because the contract was changed',
  resume: 'because the contract was resumed',
  cancel: 'because the contract was cancelled',
  end: 'because the contract ended',
};

/** The derivation of a line as an English sentence, with every number that its amount came from. */
export function explainLine(line: ExplainedLine): string {
  const days = `${line.text}, ${line.from} to ${addDays(line.to, -1)}`;
  const amount = `${formatMinor(line.amountMinor, line.currency)} ${line.currency} ${line.priceMode}`;
  const { derivation } = line;
  const how =
    'reverses' in derivation
      ? creditSentence(derivation, line.currency)
      : priceSentence(derivation, line.currency);
  return `${days}: ${how}; rounded half away from zero, ${amount}, ${reasons[derivation.why]}.`;
}

function creditSentence(derivation: CreditDerivation, currency: string): string {
  const charged = formatMinor(BigInt(derivation.line_minor), currency);
  const before = BigInt(derivation.credited_before_minor);
  const { days, of } = derivation.fraction;
  const earlier = before === 0n ? '' : ` (${formatMinor(before, currency)} was credited before)`;
  const taken = derivation.takes_the_rest
    ? 'all that was left of it is credited'
    : `${padded(derivation.full_amount, currency)} × ${days} ÷ ${of} days of the period is credited`;
  return `the line of ${charged} that was billed for these days${earlier} is no longer due, and ${taken}`;
}

function priceSentence(derivation: Derivation, currency: string): string {
  const { days, of } = derivation.fraction;
  const { start, end } = derivation.full_period;
  const period = `the period ${start} to ${addDays(end, -1)}`;
  const share = days === of ? `for all of ${period}` : `× ${days} ÷ ${of} days of ${period}`;
  return `${partSentence(derivation, currency)} ${share}`;
}

function partSentence({ part, cap }: Derivation, currency: string): string {
  const amount = padded(part.amount, currency);
  const quantity = decText(dec(part.quantity));
  const tier = tierText(part.from, part.to);
  const product = `${quantity} × ${padded(part.unitPrice, currency)} = ${amount}`;
  const sentences: Record<Derivation['part']['kind'], string> = {
    free: `${quantity} free of charge, ${amount}`,
    included: `${quantity} included in the price, ${amount}`,
    cap: `the most that a period costs is ${padded(cap ?? '0', currency)}, so ${amount}`,
    flat: `${tier} costs ${amount} as a whole,`,
    units: part.tier === null ? product : `${product}, the price of ${tier},`,
  };
  return sentences[part.kind];
}

function tierText(from: string | null, to: string | null): string {
  const above = from === null || isZero(dec(from)) ? '' : ` above ${decText(dec(from))}`;
  return `the tier${above}${to === null ? '' : ` up to ${decText(dec(to))}`}`;
}

/** A decimal with at least the digits of the currency, and more where it has more. */
function padded(text: string, currency: string): string {
  const [whole = '', fraction = ''] = decText(dec(text)).split('.');
  const digits = fraction.padEnd(minorDigits(currency), '0');
  return digits === '' ? whole : `${whole}.${digits}`;
}
