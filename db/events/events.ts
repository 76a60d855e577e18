import { z } from 'zod';
import { EVENT_TYPES } from '../../domain/events/catalogue.ts';
import { bigint, instant, int, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The columns of an event. */
export const event = {
  id: text,
  seq: bigint,
  type: z.enum(EVENT_TYPES),
  object: text,
  sequence: int,
  customer: text.nullable(),
  account: text.nullable(),
  contract: text.nullable(),
  occurred_at: instant,
  recorded_at: instant,
  data: z.record(z.string(), z.unknown()),
};

export type EventRow = RowOf<typeof event>;

/** The select of `event`, up to a condition on `e`. */
export const EVENT = `
  select e.id, e.seq, e.type, e.object_id as object, e.sequence, e.customer_id as customer, e.account_id as account,
    e.contract_id as contract, e.occurred_at, e.recorded_at, e.data
  from events e where e.merchant_id = :merchant`;

const selectEvent = statement('event', {
  sql: `${EVENT} and e.id = :event`,
  params: { merchant: 'text', event: 'text' },
  row: event,
});

/** An event by its id; null if there is none, or if its retention is over. */
export function getEvent(db: Db, merchant: MerchantId, id: string): Promise<EventRow | null> {
  return selectEvent.maybeRow(db, { merchant, event: id });
}
