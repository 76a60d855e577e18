import type { Backend, LifeView } from './backend.ts';
import { differences, documentDifferences } from './compare.ts';
import { withVersion } from './catalogue.ts';
import { ContractLife } from './life.ts';
import type { Catalogue } from './model.ts';
import { documentsOf } from './model/taxes.ts';
import { type Action, type Plan, type Setting, TAX_RATE } from './plan.ts';
import { type Tally, count } from './tally.ts';

export interface Outcome {
  /** The actions that were run, up to the end or to the first finding. */
  readonly plan: Plan;
  /** Differences from the model, findings of the audit, or the error that was thrown. Empty if nothing is wrong. */
  readonly wrong: readonly string[];
  readonly tally: Tally;
  /** How many lines were billed. */
  readonly lines: number;
}

/** Chooses the next action, by the number of the contracts and their states. Null ends the life. */
export type Next = (
  contracts: number,
  see: (contract: number) => Promise<LifeView | null>,
) => Promise<Action | null>;

/** The actions of a plan, one by one. */
export function planned({ actions }: Plan): Next {
  const left = [...actions];
  return () => Promise.resolve(left.shift() ?? null);
}

/** Runs actions until there is no next one or the audit finds something. At the end it compares all lines with the model. */
export async function live(setting: Setting, backend: Backend, next: Next): Promise<Outcome> {
  const actions: Action[] = [];
  const tally: Tally = new Map();
  const outcome = (wrong: readonly string[], lines: number): Outcome => ({
    plan: { ...setting, actions },
    wrong,
    tally,
    lines,
  });
  const lives = new Lives(setting, backend);
  try {
    for (;;) {
      const action = await next(lives.count, (n) => lives.see(n));
      if (action === null) break;
      actions.push(action);
      const accepted = await lives.do(action);
      count(tally, kindOf(action, lives.paused), accepted);
      // A refused action must leave nothing. If it did, the next audit would find it.
      const found = accepted ? await backend.audit(false) : [];
      if (found.length > 0)
        return outcome([`after step ${actions.length}, ${kindOf(action, lives.paused)}:`, ...found], 0);
    }
    const { wrong, lines } = await lives.compare();
    return outcome([...(await backend.audit(true)), ...wrong], lines);
  } catch (error) {
    return outcome([error instanceof Error ? (error.stack ?? error.message) : String(error)], 0);
  }
}

/** The contracts of one life, by their numbers. */
class Lives {
  readonly zone: string;
  private readonly priceMode: Setting['priceMode'];
  catalogue: Catalogue;
  private readonly backend: Backend;
  private readonly contracts: (ContractLife | null)[] = [];
  /** The numbers of the contracts that were paused when they were last seen. */
  readonly paused = new Set<number>();

  constructor({ zone, priceMode, catalogue }: Setting, backend: Backend) {
    this.zone = zone;
    this.priceMode = priceMode;
    this.catalogue = catalogue;
    this.backend = backend;
  }

  /** How many orders were tried, including refused ones. */
  get count(): number {
    return this.contracts.length;
  }

  /** The state of a contract, or null if its order was refused. */
  async see(contract: number): Promise<LifeView | null> {
    const seen = (await this.contracts[contract]?.see()) ?? null;
    if (seen?.phase === 'inactive') this.paused.add(contract);
    else this.paused.delete(contract);
    return seen;
  }

  /** Performs an action. Returns whether it was accepted. */
  async do(action: Action): Promise<boolean> {
    if (action.kind === 'advance') {
      const to = new Date(Date.parse(this.backend.now) + action.seconds * 1000).toISOString();
      await this.backend.advance(to);
      for (const contract of this.contracts) await contract?.takeNews();
      return true;
    }
    if (action.kind === 'publish') {
      await this.backend.publish(action.version);
      this.catalogue = withVersion(this.catalogue, action.version);
      for (const contract of this.contracts) contract?.publish(action.version);
      return true;
    }
    const { contract, wanted } = action;
    if (wanted.kind !== 'order') return (await this.contracts[contract]?.try(wanted)) ?? false;
    if (this.contracts[contract] !== undefined) return false;
    const ordered = await ContractLife.order(this, this.backend, wanted);
    this.contracts[contract] = ordered;
    return ordered !== null;
  }

  async compare(): Promise<{ wrong: string[]; lines: number }> {
    const wrong: string[] = [];
    let all = 0;
    for (const [n, contract] of this.contracts.entries()) {
      if (contract === null || contract === undefined) continue;
      const lines = await contract.lines();
      all += lines.length;
      const expected = contract.expected();
      const found = differences(lines, expected);
      wrong.push(...found.map((each) => `contract ${n}: ${each}`));
      const documents = await contract.documents();
      if (documents === null || found.length > 0) continue;
      const taxed = documentsOf(expected, () => TAX_RATE, this.priceMode);
      wrong.push(...documentDifferences(documents, taxed).map((each) => `contract ${n}: ${each}`));
    }
    return { wrong, lines: all };
  }
}

/** The kind of an action for the tally. Scheduled commands and commands in a pause are counted separately. */
function kindOf(action: Action, paused: ReadonlySet<number>): string {
  if (action.kind !== 'try') return action.kind;
  const { contract, wanted } = action;
  if (!('effective' in wanted)) return wanted.kind;
  const { kind, effective } = wanted;
  return `${kind}${effective === 'now' ? '' : ' ahead'}${paused.has(contract) ? ' in a pause' : ''}`;
}
