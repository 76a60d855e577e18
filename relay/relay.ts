import { setMaxListeners } from 'node:events';
import { undecidedRounds } from '../db/contracts/commands.ts';
import { pdfRounds } from '../db/books/pdfs.ts';
import { mailRounds } from '../db/mails/queue.ts';
import { agendaRounds } from '../db/platform/agenda.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { outboxRounds } from '../db/platform/outbox.ts';
import { type Pool, onAnnounced } from '../db/platform/pool.ts';
import type { PdfDeps } from '../engine/books/pdfs.ts';
import { Bell } from './bell.ts';
import { type MailDeps, deliverMails } from './mail.ts';
import { type OutboxDeps, deliverBatch } from './outbox.ts';
import {
  type OverdueDeps,
  SWEEP,
  deliverDueEvents,
  restartUnable,
  startDueCollections,
  sweepAccounts,
  sweepJobs,
  sweepClocks,
  sweepCommands,
  sweepContracts,
} from './overdue.ts';
import { makeRequestedPdfs } from './pdfs.ts';
import { type RetentionDeps, deleteExpiredRows } from './retention.ts';
import { type WebhookDeps, WebhookRelay } from './webhooks/deliver.ts';

interface Pace {
  /** Messages that this process writes through these pools are delivered at once; all others, at the next look. */
  readonly writers?: readonly Pool[];
  /** The pause between two looks for messages; a second by default. */
  readonly pauseMs?: number;
}

/** The dependencies for PDFs. Without them, the relay makes none. */
interface Pdfs {
  readonly pdfs?: Omit<PdfDeps, 'pool' | 'log'>;
}

/** The dependencies for mails. Without them, the relay sends none. */
interface Mails {
  readonly mails?: Omit<MailDeps, 'pool' | 'log' | 'observer'> | undefined;
  readonly observer?: MailDeps['observer'];
}

/** The sender of webhooks and its secrets. Without them the relay sends no webhooks. */
interface Webhooks {
  readonly webhooks?: Pick<WebhookDeps, 'sender' | 'secrets' | 'onMoment'> | undefined;
}

export type RelayDeps = OutboxDeps &
  OverdueDeps &
  RetentionDeps &
  Pdfs &
  Mails &
  Pace &
  Webhooks &
  Pick<WebhookDeps, 'observer'>;

/**
 * Delivers the messages of the outbox, even if their writer has died. Starts work that is due on wall time and has no workflow yet,
 * and sweeps workflows that are late. Makes requested PDFs. Sends mails. Deletes rows whose retention is over. Any number of relays
 * may run side by side.
 */
export interface Relay {
  /** Delivers a batch of messages: those of one clock (due or not), or all that are due. Returns how many rows it claimed. */
  deliverBatch(of?: { clockId?: string }): Promise<number>;
  /** Restarts a workflow that did not answer, if its history does not fit the code. Returns whether it did. */
  restartUnable(merchant: MerchantId, workflowId: string): Promise<boolean>;
  /** Runs until the signal aborts. It looks for work after each commit of this process that left messages, and about once a second. */
  run(stop: AbortSignal): Promise<void>;
  /** Resolves when the process begins to stop. */
  readonly stopped: Promise<void>;
}

const PAUSE_MS = 1_000;
/** The pause between two looks for rows to delete. */
const TIDY_MS = 60_000;

export function createRelay(deps: RelayDeps): Relay {
  let stops: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stops = resolve));
  const outbox = outboxRounds();
  const overdue: OverdueDeps = {
    ...deps,
    rounds: {
      provider_event: agendaRounds('provider_event'),
      contract: agendaRounds('contract'),
      account: agendaRounds('account'),
      collection: agendaRounds('collection'),
      job: agendaRounds('job'),
      command: undecidedRounds(),
    },
  };
  return {
    deliverBatch: (of) => deliverBatch(deps, { ...of, rounds: outbox }),
    restartUnable: (merchant, workflowId) => restartUnable(overdue, merchant, workflowId),
    stopped,
    async run(stop) {
      setMaxListeners(32, stop); // each loop below listens for its end
      stop.addEventListener('abort', stops, { once: true });
      const bell = new Bell();
      const due: OverdueDeps = { ...overdue, stopping: stop };
      for (const pool of deps.writers ?? []) onAnnounced(pool, () => bell.ring(), stop);
      // In parallel, so that a webhook that hangs delays no message.
      await Promise.all([
        every(deps, stop, () => deliverBatch(deps, { rounds: outbox }), {
          bell,
          pauseMs: deps.pauseMs ?? PAUSE_MS,
        }),
        every(deps, stop, () => deliverDueEvents(due)),
        every(deps, stop, () => startDueCollections(due)),
        ...pdfLoop(deps, stop),
        ...[sweepContracts, sweepAccounts, sweepJobs, sweepCommands, sweepClocks].map((swept) =>
          every(deps, stop, () => swept(due), { pauseMs: (deps.sweep ?? SWEEP).everyMs }),
        ),
        every(deps, stop, () => deleteExpiredRows(deps), { pauseMs: TIDY_MS }),
        ...mailLoop(deps, stop),
        webhookLoop(deps, stop),
      ]);
    },
  };
}

/** Makes PDFs, if the relay has their dependencies. */
function pdfLoop(deps: RelayDeps, stop: AbortSignal): Promise<void>[] {
  const { pool, log, pdfs } = deps;
  if (pdfs === undefined) return [];
  const rounds = pdfRounds();
  return [every(deps, stop, () => makeRequestedPdfs({ ...pdfs, pool, log }, rounds))];
}

/** Sends mails, if the relay has their dependencies. */
function mailLoop(deps: RelayDeps, stop: AbortSignal): Promise<void>[] {
  const { mails, pool, log, observer } = deps;
  if (mails === undefined) return [];
  const rounds = mailRounds();
  return [every(deps, stop, () => deliverMails({ ...mails, pool, log, observer }, rounds))];
}

/** Sends webhooks until the signal aborts. Each commit of this process may have written events, so it looks again then. */
async function webhookLoop(deps: RelayDeps, stop: AbortSignal): Promise<void> {
  const { pool, log, observer, webhooks, writers = [] } = deps;
  if (webhooks === undefined) return;
  const bell = new Bell();
  for (const writer of writers) onAnnounced(writer, () => bell.ring(), stop);
  await new WebhookRelay({ pool, log, observer, pauseMs: deps.pauseMs, ...webhooks }, bell).run(stop);
  await webhooks.sender.close();
}

/** Repeats `work`: at once if it returned more than 0, otherwise after a pause. */
async function every(
  deps: RelayDeps,
  stop: AbortSignal,
  work: () => Promise<number>,
  { pauseMs = PAUSE_MS, bell = new Bell() }: { pauseMs?: number; bell?: Bell } = {},
): Promise<void> {
  while (!stop.aborted) {
    try {
      if ((await work()) > 0) continue;
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'the relay could not deliver; it tries again');
    }
    // The pause is shortened at random, so that several relays look at different times.
    await bell.wait(pauseMs * (0.5 + Math.random() / 2), stop);
  }
}
