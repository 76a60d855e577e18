import { Gauge, type Registry } from 'prom-client';

/** A number that the database counted. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Of each kind the oldest are counted (db/platform/backlog.ts). */
const AT_LEAST = '10,000 means at least as many.';

/** The numbers that the database counts, with their labels. `mode` is `live` or `test`, of the merchant. */
const GAUGES: readonly [name: string, help: string, labels: readonly string[]][] = [
  [
    'tenor_due',
    `Work that is due and not done, at least so many seconds old. ${AT_LEAST}`,
    ['kind', 'mode', 'older_than'],
  ],
  ['tenor_due_oldest_seconds', 'Age of the oldest work that is due and not done.', ['kind', 'mode']],
  ['tenor_outbox_due', `Messages that are due and not delivered. ${AT_LEAST}`, ['kind']],
  ['tenor_outbox_oldest_seconds', 'For how long the oldest of them has been due.', ['kind']],
  [
    'tenor_outbox_failing',
    `Messages that were tried five times and more, and dead letters. ${AT_LEAST}`,
    ['kind'],
  ],
  ['tenor_incidents_open', `Open incidents. ${AT_LEAST}`, ['step', 'mode']],
  ['tenor_incidents_oldest_seconds', 'Age of the oldest open incident.', ['step', 'mode']],
  [
    'tenor_charges_unanswered',
    `Attempts that nobody knows the outcome of: not sent yet, or without an answer. ${AT_LEAST}`,
    ['provider', 'mode'],
  ],
  ['tenor_charges_unanswered_oldest_seconds', 'Age of the oldest of them.', ['provider', 'mode']],
  ['tenor_clocks_stuck', `Test clocks that cannot go on. ${AT_LEAST}`, []],
  ['tenor_kept_oldest_seconds', 'Age of the oldest row that is kept until its window is over.', ['kind']],
];

/** So long a count is shown again before the database is asked anew, however many ask. */
const FRESH_MS = 1_000;

/**
 * Registers the gauges of what waits in the database, and answers the function that refreshes them before they are
 * read. A count that fails shows no number instead of an old one; `tenor_backlog_up` is 0 then.
 */
export function backlogGauges(
  registers: Registry[],
  load: () => Promise<readonly Sample[]>,
): () => Promise<void> {
  const gauges = new Map(
    GAUGES.map(([name, help, labelNames]) => [name, new Gauge({ name, help, labelNames, registers })]),
  );
  const up = new Gauge({
    name: 'tenor_backlog_up',
    help: '1 while what waits in the database can be counted.',
    registers,
  });
  let under: Promise<void> | null = null;
  let countedAt = Number.NEGATIVE_INFINITY;
  async function count(): Promise<void> {
    const samples = await load().catch(() => null);
    for (const gauge of gauges.values()) gauge.reset();
    for (const { name, labels, value } of samples ?? []) gauges.get(name)?.set(labels, value);
    up.set(samples === null ? 0 : 1);
    countedAt = performance.now();
  }
  return async () => {
    if (under === null && performance.now() - countedAt < FRESH_MS) return;
    under ??= count().finally(() => (under = null));
    await under;
  };
}
