import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Settled } from '../activities/settle.ts';

/** Everything that is told to wake at one instant, and how often. */
interface Round {
  /** Milliseconds of wall time. */
  readonly at: number;
  /** How often each wakes, a second apart. */
  readonly times: number;
  readonly subjects: number;
  told: number;
  woken: number;
  lastAt: number;
  readonly onTold: () => void;
  readonly onWoken: () => void;
}

/** A round under way. */
export interface Lapse {
  /** When the last of the subjects had been told to wake, in milliseconds of wall time. */
  readonly told: Promise<number>;
  /** When the last of them had done its last piece of work, in milliseconds of wall time. */
  readonly done: Promise<number>;
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
  readonly #subjects = new Map<string, { round: Round; wakesAt: number; left: number }>();
  /** When contracts are really due, by their ids. */
  readonly #due = new Map<string, string>();

  /** From now on, whoever asks when to wake is told `at`, and after that `times - 1` times: a second later. */
  begin({ at, times, subjects }: { at: number; times: number; subjects: number }): Lapse {
    let [onTold, onWoken]: [() => void, () => void] = [() => undefined, () => undefined];
    const allTold = new Promise<void>((resolve) => (onTold = resolve));
    const allWoken = new Promise<void>((resolve) => (onWoken = resolve));
    const round = { at, times, subjects, told: 0, woken: 0, lastAt: 0, onTold, onWoken };
    this.#round = round;
    return { told: allTold.then(() => Date.now()), done: allWoken.then(() => round.lastAt) };
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
    subject.left -= 1;
    round.lastAt = Date.now();
    subject.wakesAt = round.lastAt + SLEEP_MS;
    if (++round.woken === round.subjects * round.times) round.onWoken();
  }

  /** The instant that the subject is told to sleep until. */
  next(id: string): string {
    const known = this.#subjects.get(id);
    const round = this.#round;
    if (round !== null && known?.round !== round) {
      this.#subjects.set(id, { round, wakesAt: round.at, left: round.times });
      if (++round.told === round.subjects) round.onTold();
      return iso(round.at);
    }
    return iso(known !== undefined && known.left > 0 ? known.wakesAt : Date.now() + MONTH_MS);
  }

  /** For workers whose contracts live in the lapse: those on wall time only. */
  readonly interceptor: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: async (input, next) => {
        if (context.info.activityType !== 'settle') return next(input);
        const id = String(input.args[0]);
        const due = this.isDue(id) ? this.#due.get(id) : undefined;
        if (due !== undefined) {
          Object.assign(Context.current().info, { currentAttemptScheduledTimestampMs: Date.parse(due) });
        }
        const settled = (await next(input)) as Settled;
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
