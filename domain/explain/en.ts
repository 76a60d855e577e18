import type { PartWords, Words } from './words.ts';

const UNITS = { day: 'days', second: 'seconds' } as const;
const TOTALS = {
  sum: 'the usage adds up to',
  max: 'the highest usage is',
  last: 'the last usage is',
  unique: 'the number of different values is',
} as const;

const BALANCES = { rest_of_period: 'the rest', share_of_cap: 'the share of the cap' } as const;

const MODE = { net: 'net', gross: 'gross' } as const;

function tier({ tier: bounds }: PartWords): string {
  if (bounds === null) return '';
  const above = bounds.above === null ? '' : ` above ${bounds.above}`;
  return `the tier${above}${bounds.upTo === null ? '' : ` up to ${bounds.upTo}`}`;
}

function units(words: PartWords): string {
  const { quantity, unitPrice, amount, discount, included } = words;
  const at = words.tier === null ? '' : `, the price of ${tier(words)}`;
  const less =
    discount === null ? '' : `, ${discount.base} less ${discount.percent} % from ${discount.from} on`;
  const free = included === null ? '' : `, the first ${included.units} of ${included.of} being included`;
  return `${quantity} × ${unitPrice} = ${amount}${at}${less}${free}`;
}

export const en: Words = {
  line: ({ text, from, to, how, result, why, tax }) =>
    `${text}, ${from}${to === null ? '' : ` to ${to}`}: ${how}, ${result}, because ${why}. ${tax}`,
  price: (part, share) => `${part}, for ${share}`,
  part: {
    units,
    flat: (words) => `${tier(words)} costs ${words.amount} as a whole`,
    cap: ({ cap, amount }) => `a period costs at most ${cap ?? '0'}, hence ${amount}`,
    included: ({ quantity, amount }) => `${quantity} included in the price, ${amount}`,
    free: ({ quantity, amount }) => `${quantity} free of charge, ${amount}`,
  },
  share: ({ from, to, full, fraction, balance }) => {
    if (balance !== null)
      return `${BALANCES[balance.of]} of the period ${from} to ${to}: ${balance.total} less ${balance.others} of the other lines`;
    return fraction === null
      ? `the whole period ${from} to ${to}`
      : `${fraction.days} of ${fraction.of} ${UNITS[fraction.unit]} of the period ${from} to ${to}: ` +
          `${full} × ${fraction.days} ÷ ${fraction.of} = ${fraction.exact}`;
  },
  credit: ({ line, creditedBefore, full, fraction }) => {
    const before = creditedBefore === null ? '' : ` (${creditedBefore} of it was credited before)`;
    const taken =
      fraction === null
        ? 'all that was left of it is credited'
        : `${fraction.days} of ${fraction.of} ${UNITS[fraction.unit]} are credited: ${full} × ${fraction.days} ÷ ${fraction.of} = ${fraction.exact}`;
    return `the line of ${line} that was billed for these days${before} is no longer due, and ${taken}`;
  },
  usage: ({ aggregation, total, floored, part, late }) =>
    `${TOTALS[aggregation]} ${total}${floored ? ', rated as 0' : ''}: ${part}` +
    (late === null ? '' : `; that makes ${late.tier}, of which ${late.before} was billed before`),
  oneTime: (quantity, unitPrice, exact) => `${quantity} × ${unitPrice} = ${exact}`,
  result: (amount, mode, rounded) =>
    rounded ? `rounded half away from zero to ${amount} ${MODE[mode]}` : `${amount} ${MODE[mode]}`,
  why: {
    renewal: 'the period began',
    first_period: 'the first period began',
    change: 'the contract was changed',
    resume: 'the contract was resumed',
    cancel: 'the contract was cancelled',
    end: 'the contract ended',
    usage: 'the period of usage was over',
    late_usage: 'usage of the period came late',
    one_time: 'it is a one-time item',
    setup: 'the contract was set up',
  },
  tax: {
    net: (rate, country) =>
      `Tax of ${rate} % (${country}) is added to the sum of all net lines at that rate.`,
    gross: (rate, country) =>
      `Tax of ${rate} % (${country}) is contained in it, taken out of the sum of all gross lines at that rate.`,
  },
};
