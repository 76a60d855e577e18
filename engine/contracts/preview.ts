import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { type StepInput, type Step, nextStep } from '../../domain/billing/steps.ts';
import { MOST_LINES } from '../../domain/catalogue/line-count.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import { type BilledAccount, bill } from '../../domain/books/bill.ts';
import { type CreditedElsewhere, byAccount, isOwn } from '../../domain/books/moved.ts';
import type { ContractState, PendingCommand, ScheduledChange } from '../../domain/contracts/state.ts';
import { earliestEnd } from '../../domain/contracts/term.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';
import { DomainError } from '../../domain/errors.ts';
import type { AccountBooksQuery } from '../../db/books/account-context.ts';
import type { LoadedContract } from '../../db/contracts/contracts.ts';
import { newId } from '../../db/platform/ids.ts';
import { type PreviewedDocument, previewedDocument } from './previewed-lines.ts';

/** The effect that a command or an order would have. */
export interface Preview {
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** The customer's language, as it was given: `de-AT`. */
  readonly language: string;
  readonly documents: readonly PreviewedDocument[];
  /** Whether the lines come with the next run of a collective account, instead of on documents of their own. */
  readonly waitsForRun: boolean;
  /** All changes that would then be scheduled. `commandId` is null for the previewed command, which has no id yet. */
  readonly scheduled: readonly {
    readonly commandId: string | null;
    readonly dueAt: string;
    readonly dueDate: string;
    readonly body: ScheduledChange['body'];
    /** The document that the previewed command makes on its day. Null for other changes, and if it makes none. */
    readonly document: PreviewedDocument | null;
  }[];
  /** The first day on which the contract may end if it is cancelled now. */
  readonly earliestEnd: string;
  /** Null if nothing more becomes due. */
  readonly nextBilling: NextBilling | null;
}

/** The next document that a contract makes by itself. */
export interface NextBilling extends Pick<DocumentDraft, 'netMinor' | 'taxMinor' | 'grossMinor'> {
  readonly at: string;
  readonly date: string;
  readonly currency: string;
}

/** A contract and the account that it is billed to. They are read without a lock, as a preview stores nothing. */
export interface Previewed {
  readonly state: ContractState;
  readonly account: BilledAccount;
  /** The lines that may be credited. */
  readonly creditable: readonly CreditedLine[];
  /** Those of them that belong to other accounts, as the contract has moved. */
  readonly elsewhere: CreditedElsewhere;
  /** Whether the charges of the command wait for the run of a collective account. */
  readonly waitsForRun: boolean;
}

/** The books that a preview needs: those of the invoices of all lines that it may credit. */
export function booksOfPreview({
  state,
  context,
}: LoadedContract): Required<Omit<AccountBooksQuery, 'oneTimeIds'>> {
  const reversedIds = state.lines.map(({ chargeId }) => chargeId);
  return { accountId: context.accountId, contractId: state.contractId, reversedIds };
}

/** How many steps a forecast looks ahead for the next document. It also stops after `MOST_LINES` lines (rule 50). */
const MOST_STEPS = 60;

/**
 * Computes what a command would do, with the same steps as a decision, but stores nothing. Steps that are due before the
 * command are taken first. They are not part of the result.
 * @throws DomainError the code under which the command would be refused
 */
export function previewOf(loaded: Previewed, command: PendingCommand, input: StepInput): Preview {
  const { account, creditable, elsewhere, waitsForRun } = loaded;
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
    const after = state;
    const documents = byAccount(step.charges, elsewhere).flatMap((charges) => {
      const billed = bill({ ...step, charges }, step.at, account, newId);
      return billed === null ? [] : previewedDocument(billed.document, loaded.state, after, creditable);
    });
    return {
      currency: state.currency,
      priceMode: state.priceMode,
      language: account.language,
      waitsForRun,
      documents,
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

/** The document of the contract's account on the day on which a scheduled change is performed. Null if a forecast does not look that far ahead. */
function documentOn(
  { dueAt }: ScheduledChange,
  from: ContractState,
  { account, creditable, elsewhere, state: stored }: Previewed,
  input: StepInput,
): PreviewedDocument | null {
  for (const step of stepsAhead(from, input)) {
    if (step.at > dueAt) return null;
    if (step.at < dueAt) continue;
    const billed = bill(ownOf(step, elsewhere), step.at, account, newId);
    return billed && previewedDocument(billed.document, stored, step.state, creditable);
  }
  return null;
}

/** A step with the charges of the contract's own account only. */
function ownOf(step: Step, elsewhere: CreditedElsewhere): Step {
  return { ...step, charges: step.charges.filter((charge) => isOwn(charge, elsewhere)) };
}

/** The next document that a contract in this state makes by itself. */
export function nextBilling(
  from: ContractState,
  { account, elsewhere }: Pick<Previewed, 'account' | 'elsewhere'>,
  input: StepInput,
): NextBilling | null {
  for (const step of stepsAhead(from, input)) {
    const billed = bill(ownOf(step, elsewhere), step.at, account, newId);
    if (billed !== null) {
      const { netMinor, taxMinor, grossMinor } = billed.document;
      const { currency, zone } = step.state;
      return { at: step.at, date: dateAt(step.at, zone), currency, netMinor, taxMinor, grossMinor };
    }
  }
  return null;
}

/** The next steps that become due by themselves, in order, as far as a forecast looks ahead. */
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
