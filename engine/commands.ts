import { later } from '../domain/arithmetic/calendar.ts';
import type { CommandBody, PendingCommand } from '../domain/contracts/state.ts';
import { pinnedVersions } from '../domain/billing/steps.ts';
import { DomainError } from '../domain/errors.ts';
import { readBooks } from '../db/books/account-context.ts';
import { loadCatalogue, loadLocked } from '../db/contracts/contracts.ts';
import { type MerchantId, newId } from '../db/platform/ids.ts';
import type { Tx } from '../db/platform/pool.ts';
import { resolve } from '../db/platform/refs.ts';
import { withUsage } from '../db/usage/totals.ts';
import { bookingsOf } from './orders.ts';
import { type Preview, booksOfPreview, previewOf } from './preview.ts';
import type { CommandRequest } from './requests.ts';

/**
 * The request as the command's row keeps it, with everything by its own id.
 * @throws DomainError not_found for what the merchant does not have
 */
export async function commandBody(
  tx: Tx,
  merchant: MerchantId,
  request: CommandRequest,
): Promise<CommandBody> {
  await checkNamed(tx, merchant, request);
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
                set: (components.set ?? []).map(({ subscription, quantity }) => ({
                  subscription,
                  quantity,
                })),
                remove: components.remove ?? [],
              },
            }),
      };
    }
    case 'withdraw':
      return { kind: 'withdraw', command: request.command };
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

/** Refuses ids of commands and subscriptions that are not the merchant's own. */
async function checkNamed(tx: Tx, merchant: MerchantId, request: CommandRequest): Promise<void> {
  if (request.kind === 'withdraw') await resolve(tx, merchant, 'command', request.command, 'command');
  if (request.kind !== 'change') return;
  const { set = [], remove = [] } = request.components ?? {};
  for (const [index, { subscription }] of set.entries()) {
    await resolve(tx, merchant, 'subscription', subscription, `components.set[${index}].subscription`);
  }
  for (const [index, subscription] of remove.entries()) {
    await resolve(tx, merchant, 'subscription', subscription, `components.remove[${index}]`);
  }
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
  if (locked.phase === 'ended') throw new DomainError('contract_ended', 'the contract has ended');
  const askedAt = later(locked.now_at, locked.settled_through);
  const command: PendingCommand = {
    id: 'preview',
    askedAt,
    effective: effectiveOf(request),
    body: await commandBody(tx, merchant, request),
  };
  const { terms } = loaded.state;
  const catalogue = await loadCatalogue(tx, merchant, terms.planGroupId, pinnedVersions(loaded.state));
  const books = await readBooks(tx, merchant, booksOfPreview(loaded));
  return withUsage(tx, merchant, (totals) =>
    previewOf({ ...loaded, books }, command, { catalogue, newId, totals }),
  );
}
