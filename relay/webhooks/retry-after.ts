/**
 * The seconds that a header `Retry-After` asks to wait. It is a number of seconds or a date. Null if there is none, or if it cannot be
 * read.
 */
export function secondsToWait(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - nowMs) / 1_000);
}
