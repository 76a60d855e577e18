/** A fraction of integers, never rounded. `under` is above zero. */
export interface Exact {
  over: bigint;
  under: bigint;
}

export const ZERO: Exact = { over: 0n, under: 1n };

/** `-283.3333` as 2833333 over 10000. */
export function exact(text: string): Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole, decimals = ''] = match;
  return { over: BigInt(`${sign}${whole}${decimals}`), under: 10n ** BigInt(decimals.length) };
}

export const plus = (a: Exact, b: Exact): Exact => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
});
export const minus = (a: Exact, b: Exact): Exact => plus(a, { over: -b.over, under: b.under });
export const times = (a: Exact, b: Exact): Exact => ({ over: a.over * b.over, under: a.under * b.under });
export const above = (a: Exact, b: Exact): boolean => a.over * b.under > b.over * a.under;
export const least = (a: Exact, b: Exact): Exact => (above(a, b) ? b : a);
export const most = (a: Exact, b: Exact): Exact => (above(a, b) ? a : b);
export const same = (a: Exact, b: Exact): boolean => !above(a, b) && !above(b, a);

/** In minor units; half goes away from zero (rule 15). */
export function toMinor(amount: Exact, digits: number): bigint {
  const over = amount.over * 10n ** BigInt(digits);
  const size = ((over < 0n ? -over : over) * 2n + amount.under) / (amount.under * 2n);
  return over < 0n ? -size : size;
}
