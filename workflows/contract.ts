import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
} from '@temporalio/workflow';
import type { createChargeActivities } from '../activities/charge.ts';
import type { SettleInput, SettleResult, Standing, createSettleActivities } from '../activities/settle.ts';
import { attribute } from '../temporal/attributes.ts';
import { providerQueue } from '../temporal/ids.ts';
import {
  type Answer,
  type OperatorRequest,
  apply,
  cancel,
  pause,
  resume,
  settleTo,
  upgrade,
  wake,
} from '../temporal/messages.ts';
import { isLong, isSettledThrough, sleepUntilDue } from './waiting.ts';

/**
 * `settle` is short, idempotent, and touches only our database. So it runs as a local activity, within the task that woke the
 * contract, which is nearly half the work for Temporal (ADR 12). It is tried once, for less time than a task or a caller
 * waits. As many run at a time as the worker has connections for them; one that does not start in time runs as an activity.
 */
const localActivities = proxyLocalActivities<ReturnType<typeof createSettleActivities>>({
  scheduleToStartTimeout: '1s',
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
});

/** `settle` as an activity. The server retries it as often as needed, visibly for operators, and no task waits for it. */
const retriedActivities = proxyActivities<ReturnType<typeof createSettleActivities>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/** The first attempt to charge has 60 seconds. If it has no outcome by then, collection takes over. */
const chargingAt = (
  provider: string,
): ReturnType<typeof proxyActivities<ReturnType<typeof createChargeActivities>>> =>
  proxyActivities<ReturnType<typeof createChargeActivities>>({
    taskQueue: providerQueue(provider),
    startToCloseTimeout: '15s', // shorter than the lease of a sent attempt, so that it is looked up in time after a crash
    scheduleToCloseTimeout: '60s',
    retry: { initialInterval: '200ms', maximumInterval: '5s' },
  });

/**
 * Runs a contract. It starts from the contract's id alone and sleeps until the next due instant. One activity, `settle`,
 * decides what is due and what was asked. The workflow has no prices, no amounts and no names.
 *
 * Handlers only record messages, and the loop does one thing at a time. The first attempt to charge runs beside the loop,
 * so the loop never waits for a provider. If its history has grown too long, a run continues as new when nothing is in flight.
 *
 * Loop and handlers run in scopes that cannot be cancelled. So "Request cancellation" in the Temporal UI does not end a
 * contract. Only a command does, by the contract's own rules.
 */
export async function contract(contractId: string): Promise<void> {
  const run = new ContractRun(contractId);
  setHandler(apply, (commandId) => CancellationScope.nonCancellable(() => run.apply(commandId)), {
    validator: (_commandId) => run.refuseWhenLeaving(),
  });
  setHandler(settleTo, (at) => CancellationScope.nonCancellable(() => run.settleTo(at)), {
    validator: (_at) => run.refuseWhenLeaving(),
  });
  setHandler(wake, () => run.wake());
  setHandler(upgrade, (argument) => run.request('change', argument));
  setHandler(pause, (argument) => run.request('pause', argument));
  setHandler(resume, (argument) => run.request('resume', argument));
  setHandler(cancel, (argument) => run.request('cancel', argument));
  const continues = await CancellationScope.nonCancellable(() => run.run());
  if (continues) await continueAsNew<typeof contract>(contractId);
}

const busy = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable('the run is about to continue as new: ask again', 'Busy');

class ContractRun {
  private readonly contractId: string;
  /** Updates that wait until their command is decided. */
  private inbox: { commandId: string; answer?: Answer }[] = [];
  /** Requests of operators that are not stored as commands yet. */
  private operatorRequests: OperatorRequest[] = [];
  private standing: Standing | undefined;
  private shown = '';
  /** Whether `settle` must run: at the start, when due, when woken, and after a charge. */
  private needsSettle = true;
  private leaving = false;
  private charging = false;
  /** Whether `settle` is running, so that `standing` is about to change. */
  private settling = false;
  /** Attempts that this run has sent, those that it left to collection included. */
  private readonly sent = new Set<string>();

  constructor(contractId: string) {
    this.contractId = contractId;
  }

  refuseWhenLeaving(): void {
    if (this.standing?.finished) throw ApplicationFailure.nonRetryable('the contract has ended', 'Ended');
    if (this.leaving) throw busy();
  }

  async apply(commandId: string): Promise<Answer> {
    const entry: { commandId: string; answer?: Answer } = { commandId };
    this.inbox.push(entry);
    await condition(() => entry.answer !== undefined || this.standing?.incident != null);
    if (entry.answer !== undefined) return entry.answer;
    this.inbox = this.inbox.filter((each) => each !== entry);
    throw ApplicationFailure.nonRetryable('an incident is open: the command waits', 'Incident');
  }

  async settleTo(at: string): Promise<string | null> {
    this.needsSettle = true;
    await condition(
      () => !this.needsSettle && !this.settling && !this.charging && isSettledThrough(this.standing, at),
    );
    // A run that has grown too long sends no attempt. The caller asks again, and the next run sends it.
    if (this.standing !== undefined && this.waitsToBeSent(this.standing)) throw busy();
    return this.standing?.nextDue ?? null;
  }

  wake(): void {
    this.needsSettle = true;
  }

  request(kind: OperatorRequest['kind'], argument: unknown): void {
    this.operatorRequests.push({ commandId: `cmd_${uuid4()}`, kind, argument: argument ?? null });
  }

  /** Runs until the contract has ended (false), or the run has grown too long (true). */
  async run(): Promise<boolean> {
    for (;;) {
      this.leaving ||= isLong(this.standing) && !this.charging; // on each turn: under load the inbox is never empty
      if (this.hasWork()) {
        const input = this.takeInput();
        this.applyResult(input, await this.decide(input));
        continue;
      }
      if (this.isDone()) return this.standing?.finished !== true;
      if ((await sleepUntilDue(this.standing, () => this.isReady())) === false) this.needsSettle = true;
    }
  }

  /** Settles within the task, unless the contract is behind. If that fails, the server runs and retries an activity. */
  private decide(input: SettleInput): Promise<SettleResult> {
    const retried = (): Promise<SettleResult> => retriedActivities.settle(this.contractId, input);
    return this.standing?.behind ? retried() : localActivities.settle(this.contractId, input).catch(retried);
  }

  /** The input of the next `settle`: the commands and requests that came since the last one. */
  private takeInput(): SettleInput {
    const woken = new Date().toISOString();
    const input = { woken, asked: this.inbox.map((each) => each.commandId), orders: this.operatorRequests };
    [this.operatorRequests, this.needsSettle] = [[], false];
    this.settling = true;
    return input;
  }

  private applyResult(input: SettleInput, { answers, standing }: SettleResult): void {
    this.settling = false;
    for (const entry of this.inbox) {
      const answer = answers[entry.commandId];
      if (answer !== undefined) entry.answer = answer;
      else if (input.asked.includes(entry.commandId) && !standing.behind && standing.incident === null) {
        entry.answer = { commandId: entry.commandId, state: 'refused', code: 'not_found' };
      }
    }
    this.inbox = this.inbox.filter((entry) => entry.answer === undefined);
    this.standing = standing;
    this.needsSettle ||= standing.behind;
    this.show(standing);
    if (this.waitsToBeSent(standing) && !this.charging && !isLong(this.standing))
      void this.charge(standing.planned);
  }

  private waitsToBeSent(standing: Standing): standing is Standing & { planned: object } {
    return standing.planned !== null && !this.sent.has(standing.planned.attemptId);
  }

  /** Sends planned attempts, one after the other, beside the loop. */
  private async charge({ attemptId, provider }: NonNullable<Standing['planned']>): Promise<void> {
    this.charging = true;
    try {
      let next: string | null = attemptId;
      do {
        this.sent.add(next);
        next = await chargingAt(provider).charge(this.contractId, next);
      } while (next !== null && !this.leavesBetweenCharges());
      this.needsSettle ||= next !== null; // the next run sends it; `settleTo` then answers that this run is busy
    } catch {
      // The attempt has no outcome in time. Its row says so, and collection takes over.
    }
    this.charging = false;
    // A `settle` during the charge may have planned another attempt after the charge looked for one.
    this.needsSettle ||= this.standing !== undefined && this.waitsToBeSent(this.standing);
  }

  /** Whether the run ends between two charges, because it has grown too long. */
  private leavesBetweenCharges(): boolean {
    return isLong(this.standing) && patched('leave-between-charges');
  }

  private isReady(): boolean {
    return this.hasWork() || this.isDone() || (!this.leaving && isLong(this.standing) && !this.charging);
  }

  private hasWork(): boolean {
    const unanswered = this.inbox.length > 0 && this.standing?.incident == null;
    return (
      unanswered ||
      this.operatorRequests.length > 0 ||
      (this.needsSettle && !(this.leaving && allHandlersFinished()))
    );
  }

  private isDone(): boolean {
    const over = this.leaving || this.standing?.finished === true;
    return over && !this.hasWork() && !this.charging && allHandlersFinished();
  }

  /**
   * Shows the contract in the Temporal UI. The next due instant is in the details and in the timer. It is not a search
   * attribute, because it changes with every renewal.
   */
  private show({ shown, nextDue, incident }: Standing): void {
    const next = nextDue === null ? 'nothing by itself' : `next due **${nextDue}**`;
    const trouble =
      incident === null
        ? ''
        : `\n\nStopped by incident \`${incident}\`; tried again every hour, or by the signal \`wake\`.`;
    setCurrentDetails(
      `Contract \`${this.contractId}\` of plan \`${shown.plan}\`: phase **${shown.phase}**, ${next}.${trouble}`,
    );
    const state = JSON.stringify([shown, incident]);
    if (state === this.shown) return;
    this.shown = state;
    upsertSearchAttributes([
      { key: attribute.Merchant, value: shown.merchant },
      { key: attribute.Customer, value: shown.customer },
      { key: attribute.Plan, value: shown.plan },
      { key: attribute.Phase, value: shown.phase },
      { key: attribute.DunningLevel, value: shown.dunningLevel },
      { key: attribute.Incident, value: incident },
    ]);
  }
}
