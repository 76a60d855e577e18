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
import type { AccountActivities, AccountStanding } from '../activities/account.ts';
import { attribute } from '../temporal/attributes.ts';
import { settleTo, wake } from '../temporal/messages.ts';
import { isLong, isSettledThrough, sleepUntilDue } from './waiting.ts';

/** A step settles up to fifty contracts, or makes one document. Heartbeats say that its worker lives, however long it takes. */
const activities = proxyActivities<AccountActivities>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * The runs of an account: it sleeps until the next run, and then takes steps until the run is done. It starts from the account's id
 * alone, and an activity decides each step from the stored rows. It ends when no run is planned. A run by hand, a new calendar, or
 * credits that wait on an immediate account start it again. A request to cancel it changes nothing, as with contracts.
 */
export async function account(accountId: string): Promise<void> {
  const run = new AccountRun(accountId);
  setHandler(settleTo, (at) => CancellationScope.nonCancellable(() => run.settleTo(at)), {
    validator: (_at) => run.refuseWhenLeaving(),
  });
  setHandler(wake, () => run.wake());
  const continues = await CancellationScope.nonCancellable(() => run.run());
  if (continues) await continueAsNew<typeof account>(accountId);
}

class AccountRun {
  private readonly accountId: string;
  private standing: AccountStanding | undefined;
  private shown = '';
  /** Whether the rows must be read for the next step: at the start, when due, when woken, and while there is more to do. */
  private needsStep = true;
  private busy = false;
  private leaving = false;

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  refuseWhenLeaving(): void {
    if (this.standing?.finished && !this.needsStep) {
      throw ApplicationFailure.nonRetryable('no run is planned', 'Ended');
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

  /** Runs until no run is planned (false), or the history has grown too long (true). */
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
    [this.needsStep, this.busy] = [false, true];
    this.standing = await activities.runAccount(this.accountId);
    this.needsStep ||= this.standing.behind;
    this.show(this.standing);
    this.busy = false;
  }

  private hasWork(): boolean {
    return this.needsStep && !(this.leaving && allHandlersFinished());
  }

  private isDone(): boolean {
    return (this.leaving || this.standing?.finished === true) && !this.hasWork() && allHandlersFinished();
  }

  /** Shows the account in the Temporal UI. It adds an event to the history only if something shown has changed. */
  private show({ shown, nextDue, incident }: AccountStanding): void {
    const state = JSON.stringify([shown, nextDue, incident]);
    if (state === this.shown) return;
    this.shown = state;
    upsertSearchAttributes([
      { key: attribute.Merchant, value: shown.merchant },
      { key: attribute.Customer, value: shown.customer },
      { key: attribute.Incident, value: incident },
    ]);
    setCurrentDetails(
      nextDue === null ? 'No run is planned.' : `The next run makes the document of **${nextDue}**.`,
    );
  }
}
