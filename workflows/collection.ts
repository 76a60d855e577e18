import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ChargeActivities } from '../activities/charge.ts';
import type { CollectActivities, CollectionStanding } from '../activities/collect.ts';
import { attribute } from '../temporal/attributes.ts';
import { providerQueue } from '../temporal/ids.ts';
import { settleTo, wake } from '../temporal/messages.ts';
import { isLong, isSettledThrough, sleepUntilDue } from './waiting.ts';

const activities = proxyActivities<CollectActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * One try is shorter than the lease of a sent attempt, and all tries together are longer. So an attempt whose worker died
 * is looked up by a later try.
 */
const chargingAt = (provider: string): ReturnType<typeof proxyActivities<ChargeActivities>> =>
  proxyActivities<ChargeActivities>({
    taskQueue: providerQueue(provider),
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '120s',
    retry: { initialInterval: '500ms', maximumInterval: '20s' },
  });

/**
 * Collects one receivable, after the contract's own attempt, or several by a collection of an account: it looks up pending
 * attempts, retries declined ones, pauses the contracts, waits for money, and handles chargebacks months later. It starts from
 * the id of the receivable or of the collection alone, and an activity decides each step from the stored rows. It ends when
 * nothing is open, and a chargeback starts it again. A request to cancel it changes nothing, as with contracts.
 */
export async function collection(receivableId: string): Promise<void> {
  const run = new CollectionRun(receivableId);
  setHandler(settleTo, (at) => CancellationScope.nonCancellable(() => run.settleTo(at)), {
    validator: (_at) => run.refuseWhenLeaving(),
  });
  setHandler(wake, () => run.wake());
  const continues = await CancellationScope.nonCancellable(() => run.run());
  if (continues) await continueAsNew<typeof collection>(receivableId);
}

class CollectionRun {
  private readonly receivableId: string;
  private standing: CollectionStanding | undefined;
  private shown = '';
  /** Whether the rows must be read for the next step: at the start, when due, when woken, and after a charge. */
  private needsStep = true;
  private busy = false;
  private leaving = false;
  /** An attempt that got no outcome in time. The next step postpones it. */
  private unanswered: string | null = null;

  constructor(receivableId: string) {
    this.receivableId = receivableId;
  }

  refuseWhenLeaving(): void {
    if (this.standing?.finished && !this.needsStep) {
      throw ApplicationFailure.nonRetryable('nothing is left to collect', 'Ended');
    }
    if (this.leaving) {
      throw ApplicationFailure.nonRetryable('the run is about to continue as new: ask again', 'Busy');
    }
  }

  async settleTo(at: string): Promise<string | null> {
    this.needsStep = true;
    await condition(() => !this.needsStep && !this.busy && isSettledThrough(this.standing, at));
    return this.standing?.nextDue ?? null;
  }

  wake(): void {
    this.needsStep = true;
  }

  /** Runs until nothing is left to collect (false), or the run has grown too long (true). */
  async run(): Promise<boolean> {
    for (;;) {
      this.leaving ||= isLong(this.standing);
      if (this.hasWork()) {
        await this.step();
        continue;
      }
      if (this.isDone()) return this.standing?.finished !== true;
      if ((await sleepUntilDue(this.standing, () => this.hasWork() || this.isDone())) === false)
        this.needsStep = true;
    }
  }

  private async step(): Promise<void> {
    const unanswered = this.unanswered;
    [this.needsStep, this.unanswered, this.busy] = [false, null, true];
    this.standing = await activities.collect(this.receivableId, unanswered);
    this.show(this.standing);
    if (this.standing.attempt !== null) await this.charge(this.standing.attempt);
    this.busy = false;
  }

  /** Sends or looks up an attempt. Its row then has the outcome, so the rows must be read again. */
  private async charge({ attemptId, provider }: NonNullable<CollectionStanding['attempt']>): Promise<void> {
    try {
      await chargingAt(provider).collectAttempt(attemptId);
    } catch {
      this.unanswered = attemptId;
    }
    this.needsStep = true;
  }

  private hasWork(): boolean {
    // The next run does not have `unanswered`, so this run does not end before a step has stored it.
    return this.needsStep && !(this.leaving && this.unanswered === null && allHandlersFinished());
  }

  private isDone(): boolean {
    return (this.leaving || this.standing?.finished === true) && !this.hasWork() && allHandlersFinished();
  }

  /** Shows the collection in the Temporal UI. It adds an event to the history only if something shown has changed. */
  private show({ shown, nextDue, incident }: CollectionStanding): void {
    const state = JSON.stringify([shown, nextDue, incident]);
    if (state === this.shown) return;
    this.shown = state;
    upsertSearchAttributes([
      { key: attribute.Merchant, value: shown.merchant },
      { key: attribute.Customer, value: shown.customer },
      { key: attribute.DunningLevel, value: shown.dunningLevel },
      { key: attribute.Incident, value: incident },
    ]);
    const next = nextDue === null ? '' : `, next due **${nextDue}**`;
    setCurrentDetails(
      `Receivable \`${this.receivableId}\` of contract \`${shown.contract ?? 'none'}\`: **${shown.state}**, ` +
        `dunning level ${shown.dunningLevel}${next}.`,
    );
  }
}
