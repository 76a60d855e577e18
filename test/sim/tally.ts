/** How often each kind of action was tried and accepted. */
export type Tally = Map<string, { readonly tried: number; readonly accepted: number }>;

export function count(tally: Tally, kind: string, accepted: boolean): void {
  addTo(tally, new Map([[kind, { tried: 1, accepted: accepted ? 1 : 0 }]]));
}

export function addTo(tally: Tally, more: Tally): void {
  for (const [kind, { tried, accepted }] of more) {
    const before = tally.get(kind) ?? { tried: 0, accepted: 0 };
    tally.set(kind, { tried: before.tried + tried, accepted: before.accepted + accepted });
  }
}

/** A line for each kind. */
export function printed(tally: Tally): string[] {
  return [...tally]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { tried, accepted }]) => {
      const share = Math.round((100 * accepted) / tried);
      return `${kind.padEnd(24)} ${String(tried).padStart(7)} tried, ${String(accepted).padStart(7)} accepted (${share} %)`;
    });
}
