import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, type Planned, processOf, textOf } from './faults.ts';
import type { Replica } from './replica.ts';

/** Carries out the planned faults, by the number of the request. */
export class Killer {
  /** A line for each fault, in their order. */
  readonly done: string[] = [];
  private readonly processes: readonly Replica[];
  private readonly plan: Iterator<Planned, never>;
  private readonly cut: () => Promise<unknown>;
  private next: Planned;
  private requests = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(processes: readonly Replica[], plan: Iterator<Planned, never>, cut: () => Promise<unknown>) {
    this.processes = processes;
    this.plan = plan;
    this.cut = cut;
    this.next = this.plan.next().value;
  }

  /** Called before each request. Before a fault, all processes must be ready again, so that one is killed at a time. */
  async request(): Promise<void> {
    const n = ++this.requests;
    if (n < this.next.at) return;
    const { fault } = this.next;
    this.next = this.plan.next().value;
    const before = this.last;
    const ready = before.then(async () => {
      for (const each of this.processes) await each.ready();
    });
    this.last = ready.then(() => this.act(n, fault));
    await ready;
  }

  /** Carries out no further faults. */
  async stop(): Promise<void> {
    this.next = { at: Number.POSITIVE_INFINITY, fault: this.next.fault };
    await this.last;
  }

  private async act(n: number, fault: Fault): Promise<void> {
    this.done.push(`request ${n}: ${textOf(fault)}`);
    if (fault.kind === 'moment') {
      this.replica(processOf(fault.moment), fault.which).end('SIGTERM', fault.moment);
      return;
    }
    await delay(fault.afterMs);
    if (fault.kind === 'cut') await this.cut();
    else this.replica(fault.process, fault.which).end(fault.signal);
  }

  private replica(process: 'api' | 'worker', which: number): Replica {
    return this.processes.find(({ name }) => name === `${process} ${which}`)!;
  }
}
