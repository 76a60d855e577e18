import type { Instant } from '../../domain/arithmetic/calendar.ts';
import { sideOf } from '../../domain/contracts/grids.ts';
import { jsonText, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { sqlFile, statement } from '../platform/statement.ts';
import { type StoredItems, storedBookings } from './state-schema.ts';

export const NO_ITEMS: StoredItems = { items: [], past: [], suspended: [], pauses: [], reopened: [] };

const selectItems = statement('loadItems', {
  sql: sqlFile(import.meta.url, 'load-items.sql'),
  params: { merchant: 'text', contract: 'text' },
  row: { time_zone: text, booked: jsonText(storedBookings) },
  planned: true,
});

/** Loads the component subscriptions of a contract, and the pauses that decide what is due. */
export async function loadItems(db: Db, merchant: MerchantId, contractId: string): Promise<StoredItems> {
  const found = await selectItems.maybeRow(db, { merchant, contract: contractId });
  if (found === null) return NO_ITEMS;
  const { pauses, ...booked } = found.booked;
  const zone = { zone: found.time_zone };
  return {
    ...booked,
    pauses: pauses.map(({ from, to }) => ({
      startsAt: sideOf(zone, from.startsAt, from),
      endsAt: to === null ? null : sideOf(zone, to.startsAt, to),
    })),
  };
}

const selectSubscriptions = statement('subscriptionsOfComponent', {
  sql: `
    select s.id
    from component_subscriptions s
    join lateral (
      select i.quantity, i.ends_at from items i
      where i.merchant_id = s.merchant_id and i.contract_id = s.contract_id and i.subscription_id = s.id
      order by i.revision desc limit 1) newest on true
    where s.merchant_id = :merchant and s.contract_id = :contract and s.component_id = :component
      and newest.quantity is not null and (newest.ends_at is null or newest.ends_at > :now)
    order by s.id`,
  params: { merchant: 'text', contract: 'text', component: 'text', now: 'timestamptz' },
  row: { id: text },
});

/** The ids of a component's subscriptions that have not ended at an instant or begin after it, oldest first. */
export async function subscriptionsOf(
  db: Db,
  merchant: MerchantId,
  { contractId, componentId, now }: { contractId: string; componentId: string; now: Instant },
): Promise<string[]> {
  const found = await selectSubscriptions.rows(db, {
    merchant,
    contract: contractId,
    component: componentId,
    now,
  });
  return found.map((each) => each.id);
}
