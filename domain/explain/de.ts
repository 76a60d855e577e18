import type { PartWords, Words } from './words.ts';

const UNITS = { day: 'Tagen', second: 'Sekunden' } as const;
const TOTALS = {
  sum: 'die Nutzung summiert sich auf',
  max: 'die höchste Nutzung ist',
  last: 'die letzte Nutzung ist',
  unique: 'die Anzahl verschiedener Werte ist',
} as const;

const BALANCES = { rest_of_period: 'den Rest', share_of_cap: 'den Anteil des Höchstbetrags' } as const;

const MODE = { net: 'netto', gross: 'brutto' } as const;

function tier({ tier: bounds }: PartWords): string {
  if (bounds === null) return '';
  const above = bounds.above === null ? '' : ` über ${bounds.above}`;
  return `Staffel${above}${bounds.upTo === null ? '' : ` bis ${bounds.upTo}`}`;
}

function units(words: PartWords): string {
  const { quantity, unitPrice, amount, discount, included } = words;
  const at = words.tier === null ? '' : `, Preis der ${tier(words)}`;
  const less =
    discount === null ? '' : `, ${discount.base} abzüglich ${discount.percent} % ab ${discount.from}`;
  const free = included === null ? '' : `, die ersten ${included.units} von ${included.of} sind enthalten`;
  return `${quantity} × ${unitPrice} = ${amount}${at}${less}${free}`;
}

export const de: Words = {
  line: ({ text, from, to, how, result, why, tax }) =>
    `${text}, ${from}${to === null ? '' : ` bis ${to}`}: ${how}, ${result}, weil ${why}. ${tax}`,
  price: (part, share) => `${part}, für ${share}`,
  part: {
    units,
    flat: (words) => `die ${tier(words)} kostet insgesamt ${words.amount}`,
    cap: ({ cap, amount }) => `ein Zeitraum kostet höchstens ${cap ?? '0'}, daher ${amount}`,
    included: ({ quantity, amount }) => `${quantity} im Preis enthalten, ${amount}`,
    free: ({ quantity, amount }) => `${quantity} kostenlos, ${amount}`,
  },
  share: ({ from, to, full, fraction, balance }) => {
    if (balance !== null)
      return `${BALANCES[balance.of]} des Zeitraums ${from} bis ${to}: ${balance.total} abzüglich ${balance.others} der anderen Zeilen`;
    return fraction === null
      ? `den ganzen Zeitraum ${from} bis ${to}`
      : `${fraction.days} von ${fraction.of} ${UNITS[fraction.unit]} des Zeitraums ${from} bis ${to}: ` +
          `${full} × ${fraction.days} ÷ ${fraction.of} = ${fraction.exact}`;
  },
  credit: ({ line, creditedBefore, full, fraction }) => {
    const before = creditedBefore === null ? '' : ` (davon ${creditedBefore} schon gutgeschrieben)`;
    const taken =
      fraction === null
        ? 'der ganze Rest wird gutgeschrieben'
        : `${fraction.days} von ${fraction.of} ${UNITS[fraction.unit]} werden gutgeschrieben: ${full} × ${fraction.days} ÷ ${fraction.of} = ${fraction.exact}`;
    return `die Position über ${line}, die für diese Tage berechnet war${before}, ist nicht mehr fällig, und ${taken}`;
  },
  usage: ({ aggregation, total, floored, part, late }) =>
    `${TOTALS[aggregation]} ${total}${floored ? ', berechnet als 0' : ''}: ${part}` +
    (late === null ? '' : `; das macht ${late.tier}, davon waren ${late.before} schon berechnet`),
  oneTime: (quantity, unitPrice, exact) => `${quantity} × ${unitPrice} = ${exact}`,
  result: (amount, mode, rounded) =>
    rounded ? `kaufmännisch gerundet ${amount} ${MODE[mode]}` : `${amount} ${MODE[mode]}`,
  why: {
    renewal: 'der Zeitraum begann',
    first_period: 'der erste Zeitraum begann',
    change: 'der Vertrag geändert wurde',
    resume: 'der Vertrag fortgesetzt wurde',
    cancel: 'der Vertrag gekündigt wurde',
    end: 'der Vertrag endete',
    usage: 'der Nutzungszeitraum zu Ende war',
    late_usage: 'Nutzung des Zeitraums nachgemeldet wurde',
    one_time: 'es ein einmaliger Posten ist',
    setup: 'der Vertrag eingerichtet wurde',
  },
  tax: {
    net: (rate, country) =>
      `Auf die Summe aller Nettobeträge mit diesem Satz kommen ${rate} % Steuer (${country}).`,
    gross: (rate, country) =>
      `Darin sind ${rate} % Steuer (${country}) enthalten, herausgerechnet aus der Summe aller Bruttobeträge mit diesem Satz.`,
  },
};
