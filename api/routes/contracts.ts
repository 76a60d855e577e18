import { z } from 'zod';
import { lockContract } from '../../db/contracts/locks.ts';
import { CONTRACT_SORTS, listContracts } from '../../db/contracts/list-contracts.ts';
import { type ContractView, getContractView } from '../../db/contracts/views.ts';
import { mapPage } from '../../db/platform/page.ts';
import { setContractMethod } from '../../engine/books/accounts.ts';
import { lockOwner, moveContract } from '../../engine/contracts/move.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { refuseChanged } from '../etag.ts';
import { resolveFilter } from '../filters.ts';
import { SEARCHES_ON, camelCased, rangeQuery, refuseInverted, sortBy, sortOf } from '../lists.ts';
import { nextBillingToWire } from '../previews.ts';
import { type Context, type Route, route } from '../route.ts';
import { pauseReasonOut } from '../schemas/commands.ts';
import {
  currency,
  externalId,
  id,
  idParams,
  instant,
  page,
  pageQuery,
  reference,
} from '../schemas/common.ts';
import { contractOut, contractPatch, contractSummary, phase } from '../schemas/contracts.ts';

const tag = 'Contracts';

function toWire(row: ContractView): z.input<typeof contractSummary> {
  return {
    id: row.id,
    external_id: row.external_id,
    customer: row.customer,
    account: row.account,
    plan_group: row.plan_group,
    clock: row.clock,
    time_zone: row.time_zone,
    currency: row.currency,
    payment_method: row.payment_method,
    start: row.start_date,
    anchor: row.anchor_date,
    trial_ends_at: row.trial_ends_at,
    phase: row.phase,
    pause_reasons: row.pause_reasons.map((reason) => pauseReasonOut.parse(reason)),
    variant: { id: row.variant, version: row.variant_version, name: row.variant_name, fee: row.fee },
    subscriptions: row.subscriptions.map((each) => ({ ...each })),
    scheduled: row.scheduled.map(({ command, due_at, change }) => ({
      command,
      due_at,
      change,
      due_date: dateAt(due_at, row.time_zone),
    })),
    settled_through: row.settled_through,
    next_due_at: row.next_due_at,
    ended_at: row.ended_at,
    has_incident: row.incident,
    balance: formatMinor(row.balance_minor, row.currency),
    created_at: row.created_at,
  };
}

async function read({ db, deps, merchant }: Context, id: string): Promise<z.input<typeof contractOut>> {
  const contract = toWire(found(await getContractView(db, merchant, id), 'contract'));
  const { earliestEnd, nextBilling } = await deps.calculator.forecast(merchant, id);
  return { ...contract, earliest_end: earliestEnd, next_billing: nextBillingToWire(nextBilling) };
}

/** The version of a contract: what a PATCH may change. Bills and commands change only the rest. */
function versionOf({
  id,
  account,
  payment_method,
}: {
  readonly id: string;
  readonly account: string;
  readonly payment_method: string | null;
}): object {
  return { id, account, payment_method };
}

const contractQuery = z.strictObject({
  ...pageQuery,
  customer: reference.exactOptional(),
  account: id.exactOptional(),
  phase: phase.exactOptional(),
  currency: currency.exactOptional(),
  external_id: externalId.exactOptional(),
  due_before: instant.exactOptional().meta({
    description:
      'Only contracts that are next due before this instant, by a bill, a scheduled change or the end of a trial.',
  }),
  ...rangeQuery('created'),
  sort: sortBy(
    CONTRACT_SORTS,
    '`next_due_at` lists only contracts that are due once more, and is the default for `due_before`.',
  ),
});

export const contractRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/contracts',
      tag,
      summary: 'List contracts',
      description: SEARCHES_ON,
      scope: 'read',
      effect: 'read',
      query: contractQuery,
      status: [200],
      response: page(contractSummary),
      errors: ['invalid_date', 'unknown_currency'],
    },
    async ({ query }, { db, merchant }) => {
      refuseInverted(query, ['created_from', 'created_before']);
      const kinds = { customer: 'customer', account: 'account' } as const;
      const { external_id, due_before, created_from, created_before, sort, ...filter } = await resolveFilter(
        db,
        merchant,
        query,
        kinds,
      );
      const renamed = camelCased({ external_id, due_before, created_from, created_before });
      return mapPage(
        await listContracts(db, merchant, { ...filter, ...renamed, ...sortOf(sort) }, query),
        toWire,
      );
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/contracts/{id}',
      tag,
      summary: 'Read a contract',
      description:
        'The contract with its phase, component subscriptions, scheduled changes, next bill and balance.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: contractOut,
      etag: versionOf,
      errors: [],
    },
    ({ params }, context) => read(context, params.id),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/contracts/{id}',
      tag,
      summary: 'Change the payment method or the billing account of a contract',
      description:
        'The new payment method is charged at once for open invoices that have no attempt under way. A new billing account ' +
        'gets the next charges. A later credit of a charge that was made before belongs to the account of that charge. ' +
        'Everything else of a contract is changed by commands.',
      scope: 'write',
      effect: 'engine',
      params: idParams,
      body: contractPatch,
      status: [200],
      response: contractOut,
      etag: versionOf,
      errors: [
        'contract_ended',
        'currency_mismatch',
        'price_mode_mismatch',
        'account_deactivated',
        'paused_by_account',
        'too_many_waiting',
        'invalid_amount',
        'clock_advancing',
      ],
    },
    async ({ params, body }, context) => {
      const { deps, merchant, claim, resume, ifMatch } = context;
      if (resume === null) {
        await inTransaction(deps.pool, async (tx) => {
          await claim?.store(tx, { contractId: params.id });
          if (body.account !== undefined) await lockOwner(tx, merchant, params.id); // its lock comes before the contract's
          await refuseChanged(ifMatch, async () => {
            await lockContract(tx, merchant, params.id);
            return versionOf(found(await getContractView(tx, merchant, params.id), 'contract'));
          });
          if (body.account !== undefined) await moveContract(tx, merchant, params.id, body.account);
          if (body.payment_method !== undefined)
            await setContractMethod(tx, merchant, params.id, body.payment_method);
        });
      }
      return read(context, params.id); // after the commit, so that no locks are held during the forecast
    },
  ),
];
