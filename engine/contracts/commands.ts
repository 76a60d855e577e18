import { refuseEnded } from '../../domain/contracts/conflicts.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import type { CommandBody, PendingCommand } from '../../domain/contracts/state.ts';
import { pinnedVersions } from '../../domain/billing/steps.ts';
import { DomainError } from '../../domain/errors.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { subscriptionsOf } from '../../db/contracts/booked.ts';
import { readBooks } from '../../db/books/account-context.ts';
import { creditedLines } from '../../db/books/documents.ts';
import { loadCatalogue, loadLocked } from '../../db/contracts/contracts.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { findNamed, resolve } from '../../db/platform/refs.ts';
import { withUsage } from '../usage/with-usage.ts';
import { bookingsOf } from './orders.ts';
import { type Preview, booksOfPreview, previewOf } from './preview.ts';
import type { CommandRequest, ComponentChanges } from '../requests.ts';

/**
 * The request as the command's row keeps it, with everything by its own id.
 * @throws DomainError not_found for what the merchant does not have; subscription_ambiguous; invalid_command
 */
export async function commandBody(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  request: CommandRequest,
): Promise<CommandBody> {
  switch (request.kind) {
    case 'change': {
      const { variant, components } = request;
      return {
        kind: 'change',
        ...(variant === undefined
          ? {}
          : { variant: await resolve(tx, merchant, 'variant', variant, 'variant') }),
        ...(components === undefined
          ? {}
          : {
              components: {
                add: await bookingsOf(tx, merchant, components.add ?? [], 'components.add'),
                ...(await changedOf(tx, merchant, contractId, components)),
              },
            }),
      };
    }
    case 'withdraw':
      return {
        kind: 'withdraw',
        command: await resolve(tx, merchant, 'command', request.command, 'command'),
      };
    case 'cancel':
      return {
        kind: 'cancel',
        ...(request.credit === undefined ? {} : { credit: request.credit }),
        ...(request.waive_term === true ? { waiveTerm: true } : {}),
      };
    default:
      return { kind: request.kind, reason: request.reason };
  }
}

/** The entries of `set` and `remove`, by the subscriptions' ids, in the order of the request: a refusal names its places. */
async function changedOf(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  { set = [], remove = [] }: ComponentChanges,
): Promise<{ set: { subscription: string; quantity: string }[]; remove: string[] }> {
  const named = new Set<string>();
  const subscriptionAt = async (reference: string, field: string): Promise<string> => {
    const subscription = await subscriptionNamed(tx, merchant, contractId, reference, field);
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
 * A subscription by its id, or by the component that it books, where the contract books that once; under the contract's
 * lock, so that the answer stays true until the command is stored.
 * @throws DomainError not_found, subscription_unknown, subscription_ambiguous
 */
async function subscriptionNamed(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  named: string,
  field: string,
): Promise<string> {
  const component = await findNamed(tx, merchant, 'component', named);
  if (component === null) return resolve(tx, merchant, 'subscription', named, field);
  const locked = await lockContract(tx, merchant, contractId);
  if (locked === null) throw new DomainError('not_found', 'there is no such contract');
  const now = countsAt(locked.now_at, locked.settled_through);
  const [only, ...more] = await subscriptionsOf(tx, merchant, { contractId, componentId: component, now });
  if (only === undefined) {
    throw new DomainError('subscription_unknown', `the contract has not booked ${named}`, { field });
  }
  if (more.length === 0) return only;
  const subscriptions = [only, ...more];
  throw new DomainError(
    'subscription_ambiguous',
    `${named} is booked ${subscriptions.length} times: name one`,
    {
      field,
      details: { subscriptions },
    },
  );
}

/** From when a request counts. */
export function effectiveOf(request: CommandRequest): string {
  return request.kind === 'withdraw' ? 'now' : request.effective;
}

/** The effect that a command would have now, decided under the contract's lock alone, with nothing written. */
export async function previewCommand(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  request: CommandRequest,
): Promise<Preview> {
  const found = await loadLocked(tx, merchant, contractId);
  if (found === null) throw new DomainError('not_found', 'there is no such contract');
  const { locked, ...loaded } = found;
  refuseEnded(locked);
  const askedAt = countsAt(locked.now_at, locked.settled_through);
  const command: PendingCommand = {
    id: 'preview',
    askedAt,
    effective: effectiveOf(request),
    body: await commandBody(tx, merchant, contractId, request),
  };
  const { terms } = loaded.state;
  const catalogue = await loadCatalogue(tx, merchant, terms.planGroupId, pinnedVersions(loaded.state));
  const ofBooks = booksOfPreview(loaded);
  const books = await readBooks(tx, merchant, ofBooks);
  const creditable = await creditedLines(tx, merchant, ofBooks.reversedIds);
  return withUsage(tx, merchant, (totals) =>
    previewOf({ ...loaded, books, creditable }, command, { catalogue, newId, totals }),
  );
}
