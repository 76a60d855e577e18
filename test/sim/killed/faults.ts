import type { Chance } from '../random.ts';

/** A signal to one of the processes, a moment at which one kills itself, or a cut of all connections to Postgres. */
export type Fault =
  | {
      readonly kind: 'signal';
      readonly signal: 'SIGKILL' | 'SIGTERM';
      readonly process: 'api' | 'worker';
      readonly which: number;
      readonly afterMs: number;
    }
  | { readonly kind: 'moment'; readonly moment: Moment; readonly which: number }
  | { readonly kind: 'cut'; readonly afterMs: number };

/** Where a process kills itself: after a commit or a charge, and before any other process learns of it. */
export type Moment = (typeof MOMENTS)[number];
const MOMENTS = ['command:stored', 'settle:committed', 'charge:sent', 'charge:executed'] as const;

/** A fault, and the number of the request at which it happens. */
export interface Planned {
  readonly at: number;
  readonly fault: Fault;
}

/** How many requests lie between two faults. */
export interface Pace {
  readonly least: number;
  readonly most: number;
}

/** The latest time after the beginning of a request: in the middle of it, or of the work that it has begun. */
const LATEST_MS = { request: 300, work: 4_000 } as const;

/** Plans the faults. The same seed gives the same faults. */
export function* faultsOf(random: Chance, { least, most }: Pace): Generator<Planned, never> {
  for (let at = 0; ;) {
    at += random.int(least, most);
    yield { at, fault: inventFault(random) };
  }
}

function inventFault(random: Chance): Fault {
  const which = random.int(0, 1);
  const afterMs = random.int(0, random.once(3) ? LATEST_MS.work : LATEST_MS.request);
  const weighted = random.int(0, 99);
  if (weighted < 10) return { kind: 'cut', afterMs };
  if (weighted < 35) return { kind: 'moment', moment: random.pick(MOMENTS), which };
  const process = random.pick(['api', 'worker'] as const);
  return { kind: 'signal', signal: weighted < 45 ? 'SIGTERM' : 'SIGKILL', process, which, afterMs };
}

export function textOf(fault: Fault): string {
  switch (fault.kind) {
    case 'cut':
      return `all connections to Postgres are cut after ${fault.afterMs} ms`;
    case 'moment':
      return `${processOf(fault.moment)} ${fault.which} kills itself at ${fault.moment}`;
    default:
      return `${fault.process} ${fault.which} gets ${fault.signal} after ${fault.afterMs} ms`;
  }
}

/** The kind of process that reaches a moment. */
export function processOf(moment: Moment): 'api' | 'worker' {
  return moment === 'command:stored' ? 'api' : 'worker';
}
