import { type Billed, bill } from '../domain/books/settlement.ts';
import { dateAt } from '../domain/arithmetic/calendar.ts';
import type { ContractState, PendingCommand } from '../domain/contracts/state.ts';
import { type Means, type Step, nextStep } from '../domain/billing/steps.ts';
import { earliestEnd } from '../domain/contracts/term.ts';
import { nextDue } from '../domain/contracts/when.ts';
import { DomainError } from '../domain/errors.ts';
import { languageOf } from '../domain/parties/languages.ts';
import { formatMinor } from '../domain/arithmetic/money.ts';
import type { LoadedContract } from '../db/contracts/contracts.ts';
import { newId } from '../db/platform/ids.ts';
import type { Preview } from './engine.ts';
import { lineToWire } from '../api/wire.ts';

/** A forecast looks no further than this many steps for the next document. */
const MOST_STEPS = 60;

/**
 * What a command would do: the very steps that deciding it takes, with nothing written. What is due before it is
 * taken first, and is not part of the answer.
 * @throws DomainError the code under which the command would be refused
 */
export function previewOf(loaded: LoadedContract, command: PendingCommand, means: Means): Preview {
  const { context } = loaded;
  let state: ContractState = { ...loaded.state, commands: [...loaded.state.commands, command] };
  for (;;) {
    const step: Step | null = nextStep(state, command.askedAt, means);
    if (step === null) throw new DomainError('not_previewed', 'the command cannot be decided now');
    state = step.state;
    if (step.decision?.commandId !== command.id) continue;
    if (step.decision.state === 'refused') {
      throw new DomainError(step.decision.code ?? 'refused', step.decision.detail ?? 'refused', {
        field: step.decision.field,
      });
    }
    const billed = bill(step, step.at, context, newId);
    return {
      documents: billed === null ? [] : [documentToWire(billed, state, context.language)],
      scheduled: state.scheduled.map((change) => ({
        command: change.commandId === command.id ? null : change.commandId,
        due_at: change.dueAt,
        due_date: dateAt(change.dueAt, state.zone),
        change: { ...change.body },
      })),
      earliest_end: earliestEnd(state, dateAt(command.askedAt, state.zone)),
      next_billing: nextBilling(state, loaded, means),
    };
  }
}

/** The next document that comes by itself, as things would then stand. */
export function nextBilling(
  from: ContractState,
  { context }: LoadedContract,
  means: Means,
): Preview['next_billing'] {
  let state = from;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const due = nextDue(state);
    if (due === null) return null;
    const step = nextStep({ ...state, commands: [] }, due, means);
    if (step === null) return null;
    state = step.state;
    const billed = bill(step, step.at, context, newId);
    if (billed !== null) return { at: step.at, date: dateAt(step.at, state.zone), ...totals(billed, state) };
  }
  return null;
}

function totals(
  { document }: Billed,
  { currency }: ContractState,
): { currency: string; net: string; tax: string; gross: string } {
  return {
    currency,
    net: formatMinor(document.netMinor, currency),
    tax: formatMinor(document.taxMinor, currency),
    gross: formatMinor(document.grossMinor, currency),
  };
}

function documentToWire(
  billed: Billed,
  state: ContractState,
  language: string,
): Preview['documents'][number] {
  const { document } = billed;
  const { currency, priceMode } = state;
  return {
    kind: document.kind,
    issue_date: document.issueDate,
    price_mode: priceMode,
    ...totals(billed, state),
    taxes: document.taxes.map((tax) => ({
      category: tax.category,
      rate: tax.rate,
      text: tax.text,
      net: formatMinor(tax.netMinor, currency),
      tax: formatMinor(tax.taxMinor, currency),
    })),
    lines: document.lines.map(({ charge }) =>
      lineToWire({ ...charge, currency, priceMode }, languageOf(language)),
    ),
  };
}
