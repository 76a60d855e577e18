import { countsAt, refuseEnded } from '../domain/contracts/asking.ts';
import type { CommandBody, PendingCommand } from '../domain/contracts/state.ts';
import { pinnedVersions } from '../domain/billing/steps.ts';
import { DomainError } from '../domain/errors.ts';
import { lockContract } from '../db/contracts/commands.ts';
import { subscriptionsOf } from '../db/contracts/booked.ts';
import { readBooks } from '../db/books/account-context.ts';
import { loadCatalogue, loadLocked } from '../db/contracts/contracts.ts';
import { type MerchantId, newId } from '../db/platform/ids.ts';
import type { Tx } from '../db/platform/pool.ts';
import { findNamed, resolve } from '../db/platform/refs.ts';
import { dec, isZero } from '../domain/arithmetic/money.ts';
import { withUsage } from '../db/usage/totals.ts';
import { bookingsOf } from './orders.ts';
import { type Preview, booksOfPreview, previewOf } from './preview.ts';
import type { CommandRequest, ComponentChanges } from './requests.ts';

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

/** What is set and removed, by the subscriptions' ids; a quantity of 0 removes. */
async function changedOf(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  { set = [], remove = [] }: ComponentChanges,
): Promise<{ set: { subscription: string; quantity: string }[]; remove: string[] }> {
  const asked = [
    ...set.map((each, n) => ({ ...each, field: `components.set[${n}].subscription` })),
    ...remove.map((subscription, n) => ({ subscription, quantity: '0', field: `components.remove[${n}]` })),
  ];
  const [kept, ended]: [{ subscription: string; quantity: string }[], string[]] = [[], []];
  for (const { subscription: named, quantity, field } of asked) {
    const subscription = await subscriptionNamed(tx, merchant, contractId, named, field);
    if (ended.includes(subscription) || kept.some((each) => each.subscription === subscription)) {
      throw new DomainError('invalid_command', `${subscription} is named twice`, { field });
    }
    if (isZero(dec(quantity))) ended.push(subscription);
    else kept.push({ subscription, quantity });
  }
  return { set: kept, remove: ended };
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

/** What a command would do, decided as of now, under the contract's lock alone and with nothing written. */
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
  const books = await readBooks(tx, merchant, booksOfPreview(loaded));
  return withUsage(tx, merchant, (totals) =>
    previewOf({ ...loaded, books }, command, { catalogue, newId, totals }),
  );
}
