import type { Line } from './model.ts';

/** Lines that one side has and the other has not; lines of 0.00 do not count. */
export function differences(billed: readonly Line[], expected: readonly Line[]): string[] {
  const left = new Map<string, number>();
  for (const line of billed) if (line.minor !== 0n) left.set(textOf(line), (left.get(textOf(line)) ?? 0) + 1);
  for (const line of expected)
    if (line.minor !== 0n) left.set(textOf(line), (left.get(textOf(line)) ?? 0) - 1);
  return [...left]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count > 0 ? 'billed  ' : 'expected'} ${text}`)
    .sort((a, b) => (a.slice(9) < b.slice(9) ? -1 : 1));
}

function textOf({ at, subject, kind, from, to, minor }: Line): string {
  return `${new Date(at).toISOString()} ${subject} ${kind} ${from}..${to} ${minor}`;
}
