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
import { isLong, isSettled, sleepUntilDue } from './waiting.ts';

const deciding = proxyActivities<CollectActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * One try is shorter than the lease of what is sent, and all of them are longer: what somebody sent who died is
 * looked up in here.
 */
const chargingAt = (provider: string): ReturnType<typeof proxyActivities<ChargeActivities>> =>
  proxyActivities<ChargeActivities>({
    taskQueue: providerQueue(provider),
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '120s',
    retry: { initialInterval: '500ms', maximumInterval: '20s' },
  });

/**
 * The collection of one receivable, after the contract's own attempt: waits for what is pending, tries again, pauses
 * the contract, waits for money, hears of chargebacks months later. It starts from the receivable's id alone; an
 * activity decides each step from what is stored. It ends when nothing is open, and starts again if need be. A request
 * to cancel it changes nothing, as with contracts.
 */
export async function collection(receivableId: string): Promise<void> {
  const life = new CollectionLife(receivableId);
  setHandler(settleTo, (at) => CancellationScope.nonCancellable(() => life.settleTo(at)), {
    validator: (_at) => life.refuseWhenLeaving(),
  });
  setHandler(wake, () => life.wake());
  const goesOn = await CancellationScope.nonCancellable(() => life.live());
  if (goesOn) await continueAsNew<typeof collection>(receivableId);
}

class CollectionLife {
  private readonly receivableId: string;
  private standing: CollectionStanding | undefined;
  private shown = '';
  /** A look at the rows is owed: at the start, when due, when woken, when a charge has ended. */
  private owed = true;
  private busy = false;
  private leaving = false;
  /** An attempt that had no outcome in its time; the next look postpones it. */
  private unanswered: string | null = null;

  constructor(receivableId: string) {
    this.receivableId = receivableId;
  }

  refuseWhenLeaving(): void {
    if (this.standing?.finished && !this.owed) {
      throw ApplicationFailure.nonRetryable('nothing is left to collect', 'Ended');
    }
    if (this.leaving) {
      throw ApplicationFailure.nonRetryable('the run is about to continue as new: ask again', 'Busy');
    }
  }

  async settleTo(at: string): Promise<string | null> {
    this.owed = true;
    await condition(() => !this.owed && !this.busy && isSettled(this.standing, at));
    return this.standing?.nextDue ?? null;
  }

  wake(): void {
    this.owed = true;
  }

  /** Lives until nothing is left to collect (false) or the run has grown too long (true). */
  async live(): Promise<boolean> {
    for (;;) {
      this.leaving ||= isLong(this.standing);
      if (this.hasWork()) {
        await this.step();
        continue;
      }
      if (this.isDone()) return this.standing?.finished !== true;
      if ((await sleepUntilDue(this.standing, () => this.hasWork() || this.isDone())) === false)
        this.owed = true;
    }
  }

  private async step(): Promise<void> {
    const unanswered = this.unanswered;
    [this.owed, this.unanswered, this.busy] = [false, null, true];
    this.standing = await deciding.collect(this.receivableId, unanswered);
    this.show(this.standing);
    if (this.standing.attempt !== null) await this.drive(this.standing.attempt);
    this.busy = false;
  }

  /** Sends or looks up an attempt; its row says how it ended, so the rows are looked at again. */
  private async drive({ attemptId, provider }: NonNullable<CollectionStanding['attempt']>): Promise<void> {
    try {
      await chargingAt(provider).collectAttempt(attemptId);
    } catch {
      this.unanswered = attemptId;
    }
    this.owed = true;
  }

  private hasWork(): boolean {
    // State that the next run would not have is handed over before this one ends.
    return this.owed && !(this.leaving && this.unanswered === null && allHandlersFinished());
  }

  private isDone(): boolean {
    return (this.leaving || this.standing?.finished === true) && !this.hasWork() && allHandlersFinished();
  }

  /** Makes the Temporal UI read like an operations page; costs an event only when something shown has changed. */
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
