import { fileURLToPath } from 'node:url';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { SettleInput, SettleResult } from '../activities/settle.ts';
import type { LapseSinks } from './watched.ts';

/** The interceptor module for workflows that report when they sleep. */
export const WATCHED = fileURLToPath(new URL('./watched.ts', import.meta.url));

/** The workflows that are to wake at one instant, and how often. */
interface Round {
  /** Milliseconds of wall time. */
  readonly at: number;
  /** How often each of them wakes, a second apart. */
  readonly times: number;
  readonly subjects: number;
  scheduled: number;
  woken: number;
  asleep: number;
  readonly onScheduled: () => void;
  readonly onWoken: () => void;
  readonly onAsleep: () => void;
}

/** A round under way. Its instants are in milliseconds of wall time. */
export interface Lapse {
  /** When the last of the subjects slept until it is due. */
  readonly scheduled: Promise<number>;
  /** When the last of them had done its last piece of work. */
  readonly done: Promise<number>;
  /** When the last of them slept again after that. Only `WATCHED` workflows report that they sleep. */
  readonly asleep: Promise<number>;
}

interface Subject {
  readonly round: Round;
  /** Milliseconds of wall time. */
  wakesAt: number;
  left: number;
  /** Why it is awake: it was just scheduled, or it has done its due work. Null while it sleeps. */
  awake: 'scheduled' | 'worked' | null;
}

/** The time between two renewals of a round. It stands for a month. */
const SLEEP_MS = 1_000;
const MONTH_MS = 30 * 86_400_000;

/**
 * Lets workflows that would sleep for a month wake at an instant that the bench chooses. The workflow gets that instant instead of
 * its real due instant. When its timer has fired, the deciding activity gets the real due instant as its now. Everything between
 * (timer, activity, statements, attributes) is the same as without a lapse.
 */
export class TimeLapse {
  #round: Round | null = null;
  readonly #subjects = new Map<string, Subject>();
  /** The real due instants of contracts, by their ids. */
  readonly #due = new Map<string, string>();

  /** Begins a round. Each subject that asks when to wake gets `at`, and then `times - 1` times an instant a second later. */
  begin({ at, times, subjects }: { at: number; times: number; subjects: number }): Lapse {
    const instant = (): { when: Promise<number>; now: () => void } => {
      let now = (): void => undefined;
      const when = new Promise<number>((resolve) => (now = () => resolve(Date.now())));
      return { when, now };
    };
    const [scheduled, done, asleep] = [instant(), instant(), instant()];
    const listeners = { onScheduled: scheduled.now, onWoken: done.now, onAsleep: asleep.now };
    this.#round = { at, times, subjects, scheduled: 0, woken: 0, asleep: 0, ...listeners };
    return { scheduled: scheduled.when, done: done.when, asleep: asleep.when };
  }

  /** Whether the subject is due. Otherwise it was only woken, or begins a run, and asks when to wake. */
  isDue(id: string): boolean {
    const subject = this.#subjects.get(id);
    return subject !== undefined && subject.left > 0 && Date.now() >= subject.wakesAt;
  }

  /** Records that the subject has done its due work. */
  didWork(id: string): void {
    const subject = this.#subjects.get(id);
    if (subject === undefined) return;
    const { round } = subject;
    Object.assign(subject, { left: subject.left - 1, awake: 'worked', wakesAt: Date.now() + SLEEP_MS });
    if (++round.woken < round.subjects * round.times) return;
    if (this.#round === round) this.#round = null; // subjects that ask later are not scheduled
    round.onWoken();
  }

  /** Records that the subject sleeps. */
  sleeps(id: string): void {
    const subject = this.#subjects.get(id);
    if (subject === undefined || subject.awake === null) return;
    const { round, awake } = subject;
    subject.awake = null;
    if (awake === 'scheduled' && ++round.scheduled === round.subjects) round.onScheduled();
    if (awake === 'worked' && ++round.asleep === round.subjects * round.times) round.onAsleep();
  }

  /** The instant until which the subject should sleep. */
  next(id: string): string {
    const known = this.#subjects.get(id);
    const round = this.#round;
    if (round !== null && known?.round !== round) {
      this.#subjects.set(id, { round, wakesAt: round.at, left: round.times, awake: 'scheduled' });
      return iso(round.at);
    }
    return iso(known !== undefined && known.left > 0 ? known.wakesAt : Date.now() + MONTH_MS);
  }

  /** The sinks for workers with the module `WATCHED`, which report that a workflow sleeps. */
  readonly sinks: InjectedSinks<LapseSinks> = {
    lapse: {
      sleeps: { fn: ({ workflowId }) => this.sleeps(workflowId.slice(workflowId.indexOf('/') + 1)) },
    },
  };

  /** The interceptor for workers whose contracts use the lapse. Contracts on a test clock do not. */
  readonly interceptor: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: async (input, next) => {
        if (context.info.activityType !== 'settle') return next(input);
        const id = String(input.args[0]);
        const due = this.isDue(id) ? this.#due.get(id) : undefined;
        const settleInput = input.args[1] as SettleInput;
        const args = due === undefined ? input.args : [id, { ...settleInput, woken: due }];
        const settled = (await next({ ...input, args })) as SettleResult;
        const { standing } = settled;
        if (standing.nextDue === null || standing.clocked || this.#round === null) return settled;
        this.#due.set(id, standing.nextDue);
        if (due !== undefined) this.didWork(id);
        return { ...settled, standing: { ...standing, nextDue: this.next(id) } };
      },
    },
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
