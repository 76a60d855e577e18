import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { type StepInput, type Step, nextStep } from '../../domain/billing/steps.ts';
import { MOST_LINES } from '../../domain/catalogue/line-count.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import { type BilledAccount, bill } from '../../domain/books/settlement.ts';
import type { ContractState, PendingCommand, ScheduledChange } from '../../domain/contracts/state.ts';
import { earliestEnd } from '../../domain/contracts/term.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';
import { DomainError } from '../../domain/errors.ts';
import type { BooksOf } from '../../db/books/account-context.ts';
import type { LoadedContract } from '../../db/contracts/contracts.ts';
import { newId } from '../../db/platform/ids.ts';
import { type PreviewedDocument, previewedDocument } from './previewed-lines.ts';

/** The effect of a command or an order: the result of the same computation, with nothing written. */
export interface Preview {
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** The customer's, as it was given: `de-AT`. */
  readonly language: string;
  readonly documents: readonly PreviewedDocument[];
  /** All changes that would then wait. `commandId` is null for the previewed command, which has no id yet. */
  readonly scheduled: readonly {
    readonly commandId: string | null;
    readonly dueAt: string;
    readonly dueDate: string;
    readonly body: ScheduledChange['body'];
    /** The document that the previewed command makes on its day; null for other changes, and where there is none. */
    readonly document: PreviewedDocument | null;
  }[];
  /** The first day on which the contract may end if it is cancelled now. */
  readonly earliestEnd: string;
  /** Null: nothing becomes due any more. */
  readonly nextBilling: NextBilling | null;
}

/** The next document that a contract makes by itself. */
export interface NextBilling extends Pick<DocumentDraft, 'netMinor' | 'taxMinor' | 'grossMinor'> {
  readonly at: string;
  readonly date: string;
  readonly currency: string;
}

/** A contract, and the account that it is billed to, which are read without a lock: nothing is settled there. */
export interface Previewed {
  readonly state: ContractState;
  readonly account: BilledAccount;
  /** The lines that may be credited. */
  readonly creditable: readonly CreditedLine[];
}

/** The books that a preview needs: of the invoices of all lines that it may credit. */
export function booksOfPreview({ state, context }: LoadedContract): Required<Omit<BooksOf, 'oneTimeIds'>> {
  const reversedIds = state.lines.map(({ chargeId }) => chargeId);
  return { accountId: context.accountId, contractId: state.contractId, reversedIds };
}

/** A forecast looks no further than this many steps, and no further than this many lines, for the next document. */
const MOST_STEPS = 60;

/**
 * What a command would do: the very steps that deciding it takes, with nothing written. What is due before it is
 * taken first, and is not part of the answer.
 * @throws DomainError the code under which the command would be refused
 */
export function previewOf(loaded: Previewed, command: PendingCommand, input: StepInput): Preview {
  const { account, creditable } = loaded;
  let state: ContractState = { ...loaded.state, commands: [...loaded.state.commands, command] };
  for (;;) {
    const step: Step | null = nextStep(state, command.askedAt, input);
    if (step === null) throw new DomainError('not_previewed', 'the command cannot be decided now');
    state = step.state;
    if (step.decision?.commandId !== command.id) continue;
    if (step.decision.state === 'refused') {
      throw new DomainError(step.decision.code ?? 'refused', step.decision.detail ?? 'refused', {
        field: step.decision.field,
      });
    }
    const billed = bill(step, step.at, account, newId);
    return {
      currency: state.currency,
      priceMode: state.priceMode,
      language: account.language,
      documents: billed === null ? [] : [previewedDocument(billed.document, loaded.state, state, creditable)],
      scheduled: state.scheduled.map((change) => ({
        commandId: change.commandId === command.id ? null : change.commandId,
        dueAt: change.dueAt,
        dueDate: dateAt(change.dueAt, state.zone),
        body: change.body,
        document: change.commandId === command.id ? documentOn(change, state, loaded, input) : null,
      })),
      earliestEnd: earliestEnd(state, dateAt(command.askedAt, state.zone)),
      nextBilling: nextBilling(state, loaded, input),
    };
  }
}

/** The document of the day on which a scheduled change is performed, if it is near enough to be foreseen. */
function documentOn(
  { dueAt }: ScheduledChange,
  from: ContractState,
  { account, creditable, state: stored }: Previewed,
  input: StepInput,
): PreviewedDocument | null {
  for (const step of stepsAhead(from, input)) {
    if (step.at > dueAt) return null;
    if (step.at < dueAt) continue;
    const billed = bill(step, step.at, account, newId);
    return billed && previewedDocument(billed.document, stored, step.state, creditable);
  }
  return null;
}

/** The next document that comes by itself, as things would then stand. */
export function nextBilling(
  from: ContractState,
  { account }: Pick<Previewed, 'account'>,
  input: StepInput,
): NextBilling | null {
  for (const step of stepsAhead(from, input)) {
    const billed = bill(step, step.at, account, newId);
    if (billed !== null) {
      const { netMinor, taxMinor, grossMinor } = billed.document;
      const { currency, zone } = step.state;
      return { at: step.at, date: dateAt(step.at, zone), currency, netMinor, taxMinor, grossMinor };
    }
  }
  return null;
}

/** The steps that come by themselves, in their order, as far as a forecast looks. */
function* stepsAhead(from: ContractState, input: StepInput): Generator<Step> {
  let [state, lines] = [from, 0];
  for (let steps = 0; steps < MOST_STEPS && lines < MOST_LINES; steps++) {
    const due = nextDue(state);
    const step = due === null ? null : nextStep({ ...state, commands: [] }, due, input);
    if (step === null) return;
    yield step;
    state = step.state;
    lines += step.charges.length;
  }
}
