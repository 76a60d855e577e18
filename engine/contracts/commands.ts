import type { Instant } from '../../domain/arithmetic/calendar.ts';
import { refuseEnded } from '../../domain/contracts/conflicts.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import type { CommandBody, PendingCommand } from '../../domain/contracts/state.ts';
import { pinnedVersions } from '../../domain/billing/steps.ts';
import { DomainError } from '../../domain/errors.ts';
import { nowOf } from '../../db/clocks/clocks.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { subscriptionsOf } from '../../db/contracts/items.ts';
import { readBooks } from '../../db/books/account-context.ts';
import { creditedLines } from '../../db/books/documents.ts';
import { loadCatalogue } from '../../db/catalogue/load-catalogue.ts';
import { loadContract } from '../../db/contracts/contracts.ts';
import { creditedElsewhere } from '../../db/contracts/moves.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Db, Pool, Tx } from '../../db/platform/pool.ts';
import { findNamed, resolve } from '../../db/platform/refs.ts';
import { onSnapshot } from '../usage/with-usage.ts';
import { bookingsOf } from './order-draft.ts';
import { type Preview, booksOfPreview, previewOf } from './preview.ts';
import type { CommandRequest, ComponentChanges } from '../requests.ts';

/** The contract that a command is for. */
interface Target {
  readonly contractId: string;
  /** The instant at which the command counts. */
  readonly now: () => Promise<Instant>;
}

/**
 * The body of a command's row: the request with Tenor's ids in place of references. A subscription that is named by its
 * component is looked up under the contract's lock, so that the result stays true until the command is stored.
 * @throws DomainError not_found, subscription_unknown, subscription_ambiguous, invalid_command
 */
export function commandBody(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  request: CommandRequest,
): Promise<CommandBody> {
  const now = async (): Promise<Instant> => {
    const locked = await lockContract(tx, merchant, contractId);
    if (locked === null) throw new DomainError('not_found', 'there is no such contract');
    return countsAt(locked.now_at, locked.settled_through);
  };
  return bodyOf(tx, merchant, { contractId, now }, request);
}

async function bodyOf(
  db: Db,
  merchant: MerchantId,
  target: Target,
  request: CommandRequest,
): Promise<CommandBody> {
  switch (request.kind) {
    case 'change': {
      const { variant, components } = request;
      return {
        kind: 'change',
        ...billOf(request),
        ...(variant === undefined
          ? {}
          : { variant: await resolve(db, merchant, 'variant', variant, 'variant') }),
        ...(components === undefined
          ? {}
          : {
              components: {
                add: await bookingsOf(db, merchant, components.add ?? [], 'components.add'),
                ...(await changedOf(db, merchant, target, components)),
              },
            }),
      };
    }
    case 'withdraw':
      return {
        kind: 'withdraw',
        command: await resolve(db, merchant, 'command', request.command, 'command'),
      };
    case 'cancel':
      return {
        kind: 'cancel',
        ...billOf(request),
        ...(request.credit === undefined ? {} : { credit: request.credit }),
        ...(request.waive_term === true ? { waiveTerm: true } : {}),
      };
    default:
      return { kind: request.kind, reason: request.reason };
  }
}

/** A command of a later day makes no document of its own. */
function billOf({ bill, effective }: Extract<CommandRequest, { kind: 'change' | 'cancel' }>): {
  readonly bill?: 'now';
} {
  if (bill === undefined) return {};
  if (effective === 'now') return { bill };
  throw new DomainError('invalid_command', 'only a command that takes effect now can be billed now', {
    field: 'bill',
  });
}

/** The entries of `set` and `remove` with the subscriptions' ids. They keep the request's order, as refusals name places in it. */
async function changedOf(
  db: Db,
  merchant: MerchantId,
  target: Target,
  { set = [], remove = [] }: ComponentChanges,
): Promise<{ set: { subscription: string; quantity: string }[]; remove: string[] }> {
  const named = new Set<string>();
  const subscriptionAt = async (reference: string, field: string): Promise<string> => {
    const subscription = await subscriptionNamed(db, merchant, target, reference, field);
    if (named.has(subscription)) {
      throw new DomainError('invalid_command', `${subscription} is named twice`, { field });
    }
    named.add(subscription);
    return subscription;
  };
  const changed: { set: { subscription: string; quantity: string }[]; remove: string[] } = {
    set: [],
    remove: [],
  };
  for (const [n, { subscription, quantity }] of set.entries()) {
    const id = await subscriptionAt(subscription, `components.set[${n}].subscription`);
    changed.set.push({ subscription: id, quantity });
  }
  for (const [n, subscription] of remove.entries()) {
    changed.remove.push(await subscriptionAt(subscription, `components.remove[${n}]`));
  }
  return changed;
}

/**
 * Finds a component subscription by its id, or by its component if the contract has booked that once.
 * @throws DomainError not_found, subscription_unknown, subscription_ambiguous
 */
async function subscriptionNamed(
  db: Db,
  merchant: MerchantId,
  { contractId, now }: Target,
  named: string,
  field: string,
): Promise<string> {
  const component = await findNamed(db, merchant, 'component', named);
  if (component === null) return resolve(db, merchant, 'subscription', named, field);
  const [only, ...more] = await subscriptionsOf(db, merchant, {
    contractId,
    componentId: component,
    now: await now(),
  });
  if (only === undefined) {
    throw new DomainError('subscription_unknown', `the contract has not booked ${named}`, { field });
  }
  if (more.length === 0) return only;
  const subscriptions = [only, ...more];
  throw new DomainError(
    'subscription_ambiguous',
    `${named} is booked ${subscriptions.length} times: use the id of one of the subscriptions`,
    {
      field,
      details: { subscriptions },
    },
  );
}

/** When a request takes effect: `now`, `period_end` or a local date. */
export function effectiveOf(request: CommandRequest): string {
  return request.kind === 'withdraw' ? 'now' : request.effective;
}

/**
 * Computes the effect that a command would have now. It writes nothing and locks nothing.
 * @throws DomainError the code under which the command would be refused
 */
export function previewCommand(
  reads: Pool,
  merchant: MerchantId,
  contractId: string,
  request: CommandRequest,
): Promise<Preview> {
  return onSnapshot(reads, merchant, async (db) => {
    const { state, context } = await loadContract(db, merchant, contractId);
    refuseEnded(state);
    const askedAt = countsAt(await nowOf(db, merchant, context.clockId), state.settledThrough);
    const command: PendingCommand = {
      id: 'preview',
      askedAt,
      effective: effectiveOf(request),
      body: await bodyOf(db, merchant, { contractId, now: () => Promise.resolve(askedAt) }, request),
    };
    const catalogue = await loadCatalogue(db, merchant, state.terms.planGroupId, pinnedVersions(state));
    const ofBooks = booksOfPreview({ state, context });
    const account = { ...context, ...(await readBooks(db, merchant, ofBooks)) };
    const creditable = await creditedLines(db, merchant, ofBooks.reversedIds);
    const elsewhere = await creditedElsewhere(db, merchant, context.accountId, ofBooks.reversedIds);
    const waitsForRun = context.accountKind === 'collective' && !('bill' in command.body);
    const previewed = { state, account, creditable, elsewhere, waitsForRun };
    return (totals) => previewOf(previewed, command, { catalogue, newId, totals });
  });
}
