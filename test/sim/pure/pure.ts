import { addInterval, instant, startOfDay } from '../../../domain/arithmetic/calendar.ts';
import type { Step } from '../../../domain/billing/steps.ts';
import type { Catalogue as Sold, ContractState } from '../../../domain/contracts/state.ts';
import type { Backend, OrderRequest } from '../backend.ts';
import { unnamed } from '../wish.ts';
import type { Version } from '../model.ts';
import type { Setting } from '../plan.ts';
import { PureContract } from './contract.ts';
import { POLICY, soldOf, withSold } from './sold.ts';

const ORDER = 'order';
const TAX = { category: 'standard', rate: '19', text: '19 %' } as const;

/** Contracts in memory, on one clock. They use only the decisions of the domain. */
export class PureBackend implements Backend {
  now: string;
  private readonly zone: string;
  sold: Sold;
  readonly watch: (before: ContractState, step: Step) => void;
  private readonly contracts: PureContract[] = [];

  constructor({ begin, zone, catalogue }: Setting, watch: PureBackend['watch'] = () => undefined) {
    this.watch = watch;
    this.now = instant(begin);
    this.zone = zone;
    this.sold = soldOf(catalogue);
  }

  order(ordered: OrderRequest): Promise<{ contract: PureContract; command: string } | null> {
    const contract = new PureContract(this, this.begun(ordered));
    if (!contract.applied(ORDER)) return Promise.resolve(null);
    this.contracts.push(contract);
    return Promise.resolve({ contract, command: ORDER });
  }

  publish(version: Version): Promise<void> {
    this.sold = withSold(this.sold, version);
    return Promise.resolve();
  }

  advance(to: string): Promise<void> {
    this.now = to;
    for (const contract of this.contracts) contract.settle();
    return Promise.resolve();
  }

  /** There are no books to audit. */
  audit(): Promise<string[]> {
    return Promise.resolve([]);
  }

  /** A contract whose order waits to be decided. */
  private begun({ variant, start, anchor, components }: OrderRequest): ContractState {
    const { now, zone } = this;
    const terms = this.sold.variants.find((each) => each.variantId === variant);
    if (terms === undefined) throw new RangeError(`no variant ${variant}`);
    const trialEnd = terms.trial === null ? null : addInterval(start, terms.trial, 1);
    const body = { kind: 'order' as const, variant, components: components.map(unnamed) };
    return {
      contractId: 'contract',
      zone,
      country: 'DE',
      currency: 'EUR',
      priceMode: 'net',
      startDate: start,
      startsAt: startOfDay(start, zone),
      anchor: anchor ?? trialEnd ?? start,
      trialEndsAt: trialEnd === null ? null : startOfDay(trialEnd, zone),
      phase: 'ordered',
      pauseReasons: [],
      settledThrough: now,
      endedAt: null,
      terms,
      feeRevision: 0,
      items: [],
      past: [],
      suspended: [],
      pauses: [],
      termStart: trialEnd ?? start,
      oneTime: [],
      reopened: [],
      lines: [],
      scheduled: [],
      commands: [{ id: ORDER, askedAt: now, effective: 'now', body }],
      taxRates: [{ taxPolicyId: POLICY, country: 'DE', validFrom: '2000-01-01', ...TAX }],
    };
  }
}
