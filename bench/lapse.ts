import { fileURLToPath } from 'node:url';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { SettleInput, Settled } from '../activities/settle.ts';
import type { LapseSinks } from './watched.ts';

/** Goes into the bundle of workflows that say when they sleep. */
export const WATCHED = fileURLToPath(new URL('./watched.ts', import.meta.url));

/** Everything that is told to wake at one instant, and how often. */
interface Round {
  /** Milliseconds of wall time. */
  readonly at: number;
  /** How often each wakes, a second apart. */
  readonly times: number;
  readonly subjects: number;
  scheduled: number;
  woken: number;
  asleep: number;
  readonly onScheduled: () => void;
  readonly onWoken: () => void;
  readonly onAsleep: () => void;
}

/** A round under way. */
export interface Lapse {
  /** When the last of the subjects slept until it is due, in milliseconds of wall time. */
  readonly scheduled: Promise<number>;
  /** When the last of them had done its last piece of work. */
  readonly done: Promise<number>;
  /** When the last of them slept again after that. That one sleeps is heard from `WATCHED` workflows only. */
  readonly asleep: Promise<number>;
}

interface Subject {
  readonly round: Round;
  /** Milliseconds of wall time. */
  wakesAt: number;
  left: number;
  /** Why it is awake: it has just been told when to wake, or has done what it was due for; null while it sleeps. */
  awake: 'scheduled' | 'worked' | null;
}

/** How long a month is, when a round has several. */
const SLEEP_MS = 1_000;
const MONTH_MS = 30 * 86_400_000;

/**
 * Lets what sleeps for a month wake at an instant of the bench's own: the workflow is told that instant instead of
 * the one at which it is due, and when its timer has fired, the deciding activity is told that it is due now. What is
 * between the two (timer, activity, statements, attributes) is what it is on any other day.
 */
export class TimeLapse {
  #round: Round | null = null;
  readonly #subjects = new Map<string, Subject>();
  /** When contracts are really due, by their ids. */
  readonly #due = new Map<string, string>();

  /** From now on, whoever asks when to wake is told `at`, and after that `times - 1` times: a second later. */
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

  /** Whether the subject's time has come; else it only asks when to wake, as when it is told so or begins a run. */
  isDue(id: string): boolean {
    const subject = this.#subjects.get(id);
    return subject !== undefined && subject.left > 0 && Date.now() >= subject.wakesAt;
  }

  /** Notes that the subject has done what it was due for. */
  didWork(id: string): void {
    const subject = this.#subjects.get(id);
    if (subject === undefined) return;
    const { round } = subject;
    Object.assign(subject, { left: subject.left - 1, awake: 'worked', wakesAt: Date.now() + SLEEP_MS });
    if (++round.woken < round.subjects * round.times) return;
    if (this.#round === round) this.#round = null; // whoever comes later is not told to wake
    round.onWoken();
  }

  /** Notes that the subject sleeps. */
  sleeps(id: string): void {
    const subject = this.#subjects.get(id);
    if (subject === undefined || subject.awake === null) return;
    const { round, awake } = subject;
    subject.awake = null;
    if (awake === 'scheduled' && ++round.scheduled === round.subjects) round.onScheduled();
    if (awake === 'worked' && ++round.asleep === round.subjects * round.times) round.onAsleep();
  }

  /** The instant that the subject is told to sleep until. */
  next(id: string): string {
    const known = this.#subjects.get(id);
    const round = this.#round;
    if (round !== null && known?.round !== round) {
      this.#subjects.set(id, { round, wakesAt: round.at, left: round.times, awake: 'scheduled' });
      return iso(round.at);
    }
    return iso(known !== undefined && known.left > 0 ? known.wakesAt : Date.now() + MONTH_MS);
  }

  /** Hears of workflows that sleep: for workers with the modules of `WATCHED`. */
  readonly sinks: InjectedSinks<LapseSinks> = {
    lapse: {
      sleeps: { fn: ({ workflowId }) => this.sleeps(workflowId.slice(workflowId.indexOf('/') + 1)) },
    },
  };

  /** For workers whose contracts live in the lapse: those on wall time only. */
  readonly interceptor: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: async (input, next) => {
        if (context.info.activityType !== 'settle') return next(input);
        const id = String(input.args[0]);
        const due = this.isDue(id) ? this.#due.get(id) : undefined;
        const settleInput = input.args[1] as SettleInput;
        const args = due === undefined ? input.args : [id, { ...settleInput, woken: due }];
        const settled = (await next({ ...input, args })) as Settled;
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
