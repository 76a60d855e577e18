/**
 * Computes the total that a random life costs, day by day and with its own calendar. It imports nothing from the domain: if
 * the two disagree, one of them is wrong.
 */
export type Effect =
  | { readonly kind: 'variant'; readonly id: string }
  | { readonly kind: 'seats'; readonly quantity: number }
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'cancel'; readonly credit: boolean };

/** An accepted command on a day (days since 1970), which counts on that day or at the end of the period. */
export type Event = { readonly day: number; readonly effect: readonly Effect[]; readonly atEnd: boolean };

const FEES = new Map([
  ['basic', { cents: 2900, months: 1 }],
  ['pro', { cents: 9900, months: 1 }],
  ['pro-year', { cents: 99000, months: 12 }],
]);

/** The day `months` months after the anchor, or the last day of that month. */
function monthsAfter(anchor: number, months: number): number {
  const from = new Date(anchor * 86_400_000);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(from.getUTCDate(), last)) / 86_400_000;
}

function period(anchor: number, months: number, day: number): [number, number] {
  let n = Math.floor((day - anchor) / (31 * months)) - 1;
  while (monthsAfter(anchor, (n + 1) * months) <= day) n++;
  return [monthsAfter(anchor, n * months), monthsAfter(anchor, (n + 1) * months)];
}

const share = (cents: number, days: number, of: number): number =>
  Math.floor((2 * cents * days + of) / (2 * of));

/** Cents billed until a day, that day included. */
export function oracle(
  variant: string,
  start: number,
  trial: number,
  until: number,
  events: readonly Event[],
) {
  const lines: {
    subject: string;
    version: number;
    terms: string;
    from: number;
    to: number;
    full: number;
    of: number;
    cents: number;
  }[] = [];
  const trialEnd = start + trial;
  let [anchor, fee, seats, paused, total, version] = [trialEnd, variant, 0, false, 0, 1];
  const versions = new Map([['fee', 1]]);
  const months = (): number => FEES.get(fee)?.months ?? 1;
  const waiting: { day: number; effect: readonly Effect[] }[] = [];

  let booking = 0;
  const termsOf = (subject: string): string =>
    subject === 'fee' ? `${fee} ${anchor}` : `${booking} ${seats} ${anchor}`;

  function bill(day: number, credited = true): void {
    for (const line of lines) {
      // A pause leaves lines as they are. A line whose terms are the same again when the pause ends stays.
      if (paused && versions.size > 0) continue;
      const current = versions.get(line.subject);
      if (current !== undefined && line.to > day && line.terms === termsOf(line.subject))
        line.version = current;
      if (!credited || line.version === versions.get(line.subject) || line.to <= day) continue;
      const days = line.to - Math.max(day, line.from);
      total -= day <= line.from ? line.cents : Math.min(line.cents, share(line.full, days, line.of));
      line.to = day;
    }
    for (const [subject, current] of versions) {
      const [cents, every] = subject === 'fee' ? [FEES.get(fee)?.cents, months()] : [seats * 900, 1];
      if (paused || cents === undefined) continue;
      const [first, end] = period(anchor, every, day);
      const covered = lines.filter((line) => line.version === current).map((line) => line.to);
      const from = Math.max(day, trialEnd, ...covered);
      if (from >= end) continue;
      const amount = share(cents, end - from, end - first);
      lines.push({
        subject,
        version: current,
        terms: termsOf(subject),
        from,
        to: end,
        full: cents,
        of: end - first,
        cents: amount,
      });
      total += amount;
    }
  }
  function apply(day: number, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'variant') {
        const [before, since] = [months(), anchor];
        fee = effect.id;
        versions.set('fee', ++version);
        if (months() === before || day < trialEnd) continue;
        anchor = day;
        // Seats whose grid stays the same are not cut.
        if (versions.has('seat') && anchor !== since) versions.set('seat', ++version);
      } else if (effect.kind === 'seats') {
        seats = effect.quantity;
        if (!versions.has('seat')) booking++;
        versions.set('seat', ++version);
        if (seats === 0) versions.delete('seat');
      } else if (effect.kind === 'cancel') versions.clear();
      else paused = effect.kind === 'pause';
    }
  }
  for (let day = start; day <= until; day++) {
    for (const each of waiting.filter((one) => one.day === day)) apply(day, each.effect);
    const keeps = waiting.some(
      (one) => one.day === day && one.effect.some((it) => it.kind === 'cancel' && !it.credit),
    );
    bill(day, !keeps);
    // A cancellation without credit leaves lines that are not credited on a later day either.
    if (keeps) return total;
    for (const { effect, atEnd } of events.filter((event) => event.day === day)) {
      if (atEnd) {
        waiting.push({ day: day < trialEnd ? trialEnd : period(anchor, months(), day)[1], effect });
        continue;
      }
      apply(day, effect);
      const [cancel] = effect.filter((one) => one.kind === 'cancel');
      if (cancel?.credit === false) return total;
      bill(day);
    }
    if (versions.size === 0 && waiting.length === 0 && fee !== 'free') return total;
  }
  return total;
}
