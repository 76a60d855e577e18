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
import type { SettleInput, Settled, Standing, createSettleActivities } from '../activities/settle.ts';
import { attribute } from '../temporal/attributes.ts';
import { providerQueue } from '../temporal/ids.ts';
import {
  type Answer,
  type OperatorOrder,
  apply,
  cancel,
  pause,
  resume,
  settleTo,
  upgrade,
  wake,
} from '../temporal/messages.ts';
import { isLong, isSettled, sleepUntilDue } from './waiting.ts';

/**
 * Deciding is short, safe to do again, and of our own database: the worker that has woken the contract does it within
 * the same task, which is nearly half the work for Temporal. It tries once, for less time than a task or a caller waits. As many
 * decide here at a time as the worker has connections for it: one that does not get its turn at once gives way.
 */
const decidingHere = proxyLocalActivities<ReturnType<typeof createSettleActivities>>({
  scheduleToStartTimeout: '1s',
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
});

/** As long as need be, tried again by the server, where operators see it: no task waits meanwhile. */
const decidingAnywhere = proxyActivities<ReturnType<typeof createSettleActivities>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/** The first attempt has 60 seconds; what has no outcome by then is collection's. */
const chargingAt = (
  provider: string,
): ReturnType<typeof proxyActivities<ReturnType<typeof createChargeActivities>>> =>
  proxyActivities<ReturnType<typeof createChargeActivities>>({
    taskQueue: providerQueue(provider),
    startToCloseTimeout: '15s', // shorter than the lease of what is sent, so that a crash is looked up in time
    scheduleToCloseTimeout: '60s',
    retry: { initialInterval: '200ms', maximumInterval: '5s' },
  });

/**
 * A contract. It starts from its id alone, sleeps until the instant that it was given, and lets one activity decide
 * everything: what is due, and what was asked. It holds no prices, no amounts and no names.
 *
 * Handlers only note what came; the loop does one thing at a time. The first attempt to charge runs beside the loop,
 * which never waits for a provider. A run is left when its history has grown, when nothing is in flight.
 *
 * Loop and handlers live in scopes that cannot be cancelled: "Request cancellation" in the Temporal UI ends no contract,
 * which a command does, by the contract's own rules.
 */
export async function contract(contractId: string): Promise<void> {
  const life = new ContractLife(contractId);
  setHandler(apply, (commandId) => CancellationScope.nonCancellable(() => life.apply(commandId)), {
    validator: (_commandId) => life.refuseWhenLeaving(),
  });
  setHandler(settleTo, (at) => CancellationScope.nonCancellable(() => life.settleTo(at)), {
    validator: (_at) => life.refuseWhenLeaving(),
  });
  setHandler(wake, () => life.wake());
  setHandler(upgrade, (argument) => life.order('change', argument));
  setHandler(pause, (argument) => life.order('pause', argument));
  setHandler(resume, (argument) => life.order('resume', argument));
  setHandler(cancel, (argument) => life.order('cancel', argument));
  const goesOn = await CancellationScope.nonCancellable(() => life.live());
  if (goesOn) await continueAsNew<typeof contract>(contractId);
}

const busy = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable('the run is about to continue as new: ask again', 'Busy');

class ContractLife {
  private readonly contractId: string;
  /** Updates that wait for the answer of their command. */
  private inbox: { commandId: string; answer?: Answer }[] = [];
  /** Operators' signals, not yet command rows. */
  private orders: OperatorOrder[] = [];
  private standing: Standing | undefined;
  private shown = '';
  /** A settle is owed: at the start, when due, when woken, when a charge has ended. */
  private owed = true;
  private leaving = false;
  private charging = false;
  /** A settle is under way: what is known is about to be old. */
  private settling = false;
  /** Attempts that this run has sent, or has given up to collection. */
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
    this.owed = true;
    await condition(() => !this.owed && !this.settling && !this.charging && isSettled(this.standing, at));
    // A run that has grown too long sends nothing: the next one does, and is asked again.
    if (this.standing !== undefined && this.waitsToBeSent(this.standing)) throw busy();
    return this.standing?.nextDue ?? null;
  }

  wake(): void {
    this.owed = true;
  }

  order(kind: OperatorOrder['kind'], argument: unknown): void {
    this.orders.push({ commandId: `cmd_${uuid4()}`, kind, argument: argument ?? null });
  }

  /** Lives until the contract has ended (false) or the run has grown too long (true). */
  async live(): Promise<boolean> {
    for (;;) {
      this.leaving ||= isLong(this.standing) && !this.charging; // here, as under load the inbox is never empty
      if (this.hasWork()) {
        const input = this.takeInput();
        this.learn(input, await this.decide(input));
        continue;
      }
      if (this.isDone()) return this.standing?.finished !== true;
      if ((await sleepUntilDue(this.standing, () => this.hasStirred())) === false) this.owed = true;
    }
  }

  /** Here, unless it is behind by more than a task should wait for. Whatever fails here, the server tries again. */
  private decide(input: SettleInput): Promise<Settled> {
    const anywhere = (): Promise<Settled> => decidingAnywhere.settle(this.contractId, input);
    return this.standing?.behind ? anywhere() : decidingHere.settle(this.contractId, input).catch(anywhere);
  }

  /** The commands that came since the last settle, for the next one. */
  private takeInput(): SettleInput {
    const woken = new Date().toISOString();
    const input = { woken, asked: this.inbox.map((each) => each.commandId), orders: this.orders };
    [this.orders, this.owed] = [[], false];
    this.settling = true;
    return input;
  }

  private learn(input: SettleInput, { answers, standing }: Settled): void {
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
    this.owed ||= standing.behind;
    this.show(standing);
    if (this.waitsToBeSent(standing) && !this.charging && !isLong(this.standing))
      void this.charge(standing.planned);
  }

  private waitsToBeSent(standing: Standing): standing is Standing & { planned: object } {
    return standing.planned !== null && !this.sent.has(standing.planned.attemptId);
  }

  /** Beside the loop: sends what is planned, one attempt after the other. */
  private async charge({ attemptId, provider }: NonNullable<Standing['planned']>): Promise<void> {
    this.charging = true;
    try {
      let next: string | null = attemptId;
      do {
        this.sent.add(next);
        next = await chargingAt(provider).charge(this.contractId, next);
      } while (next !== null && !this.leavesBetweenCharges());
      this.owed ||= next !== null; // the next run sends it; who waits for it learns so
    } catch {
      // No outcome in its time: the attempt's row says so, and collection takes it from there.
    }
    this.charging = false;
    // A settle during the charge may have planned the next one after this one had looked for it.
    this.owed ||= this.standing !== undefined && this.waitsToBeSent(this.standing);
  }

  /** Charges that follow one another do not keep a run that has grown too long. */
  private leavesBetweenCharges(): boolean {
    return isLong(this.standing) && patched('leave-between-charges');
  }

  private hasStirred(): boolean {
    return this.hasWork() || this.isDone() || (!this.leaving && isLong(this.standing) && !this.charging);
  }

  private hasWork(): boolean {
    const unanswered = this.inbox.length > 0 && this.standing?.incident == null;
    return unanswered || this.orders.length > 0 || (this.owed && !(this.leaving && allHandlersFinished()));
  }

  private isDone(): boolean {
    const over = this.leaving || this.standing?.finished === true;
    return over && !this.hasWork() && !this.charging && allHandlersFinished();
  }

  /**
   * Makes the Temporal UI read like an operations page. When it is next due is no search attribute, as it changes with
   * every renewal: the details and the timer say it.
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
