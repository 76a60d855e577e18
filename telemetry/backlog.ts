import { Gauge, type Registry } from 'prom-client';

/** A value that the database computed. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Only the oldest rows of each kind are counted (`db/platform/backlog.ts`). */
const AT_LEAST = '10,000 means at least as many.';

/** The gauges whose values the database computes, with their labels. `mode` is the merchant's: `live` or `test`. */
const GAUGES: readonly [name: string, help: string, labels: readonly string[]][] = [
  [
    'tenor_due',
    `Work that is due and not done, at least so many seconds old. ${AT_LEAST}`,
    ['kind', 'mode', 'older_than'],
  ],
  ['tenor_due_oldest_seconds', 'Age of the oldest work that is due and not done.', ['kind', 'mode']],
  ['tenor_outbox_due', `Messages that are due and not delivered. ${AT_LEAST}`, ['kind']],
  ['tenor_outbox_oldest_seconds', 'Time since the oldest undelivered message became due.', ['kind']],
  [
    'tenor_outbox_failing',
    `Messages that were tried at least five times, and dead letters. ${AT_LEAST}`,
    ['kind'],
  ],
  ['tenor_incidents_open', `Open incidents. ${AT_LEAST}`, ['step', 'mode']],
  ['tenor_incidents_oldest_seconds', 'Age of the oldest open incident.', ['step', 'mode']],
  [
    'tenor_charges_unanswered',
    `Attempts whose outcome is not known: not sent yet, or not answered. ${AT_LEAST}`,
    ['provider', 'mode'],
  ],
  ['tenor_charges_unanswered_oldest_seconds', 'Age of the oldest of these attempts.', ['provider', 'mode']],
  ['tenor_pdfs_waiting', `PDFs that were requested and are not made yet. ${AT_LEAST}`, []],
  ['tenor_pdfs_oldest_seconds', 'Time since the oldest of these requests.', []],
  ['tenor_pdfs_failing', `PDFs that workers have tried to make at least five times. ${AT_LEAST}`, []],
  ['tenor_mails_queued', `Mails that are not sent yet. ${AT_LEAST}`, ['mode']],
  ['tenor_mails_oldest_seconds', 'Age of the oldest mail that is not sent yet.', ['mode']],
  ['tenor_clocks_stuck', `Test clocks that cannot go on. ${AT_LEAST}`, []],
  ['tenor_webhooks_waiting', `Webhooks that wait, also those of disabled endpoints. ${AT_LEAST}`, ['mode']],
  ['tenor_webhooks_dead', `Webhooks that are not sent any more. ${AT_LEAST}`, ['mode']],
  [
    'tenor_webhooks_oldest_seconds',
    'Time since the oldest webhook of an endpoint that works was due.',
    ['mode'],
  ],
  [
    'tenor_webhook_endpoints_failing',
    'Endpoints whose newest webhook failed, disabled ones included.',
    ['mode'],
  ],
  ['tenor_kept_oldest_seconds', 'Age of the oldest row that will be deleted after its retention.', ['kind']],
];

/** How long a count is shown before the database counts again, however often the metrics are read. */
const FRESH_MS = 1_000;

/**
 * Registers the gauges of work that waits in the database. Returns the function that refreshes them before they are read. If the
 * database cannot count, they show no value instead of an old one, and `tenor_backlog_up` is 0.
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
    help: '1 if the database could count the work that waits.',
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
