import { z } from 'zod';
import { EVENT_TYPES } from '../../domain/events/catalogue.ts';
import { DomainError } from '../../domain/errors.ts';
import { bigint, instant, int, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor, cut } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const event = {
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

const EVENT = `
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

/** Which events a list has: all of them, or those of a type, an object, a customer or a contract. */
export interface EventFilter {
  readonly type?: string;
  readonly object?: string;
  readonly customer?: string;
  readonly contract?: string;
}

const FILTERED = `${EVENT}
  and (:type is null or e.type = :type) and (:object is null or e.object_id = :object)
  and (:customer is null or e.customer_id = :customer) and (:contract is null or e.contract_id = :contract)`;
const FILTER = {
  merchant: 'text',
  type: 'text?',
  object: 'text?',
  customer: 'text?',
  contract: 'text?',
} as const;

const selectNewest = statement('newestEvents', {
  sql: `${FILTERED} and (:before is null or e.seq < :before) order by e.seq desc limit :limit`,
  params: { ...FILTER, before: 'bigint?', limit: 'int' },
  row: event,
});

const selectOnwards = statement('eventsOnwards', {
  sql: `${FILTERED} and e.seq > :after and e.seq <= :settled order by e.seq limit :limit`,
  params: { ...FILTER, after: 'bigint', settled: 'bigint', limit: 'int' },
  row: event,
});

const selectSettled = statement('eventsSettled', {
  sql: 'select events_settled() as settled',
  params: {},
  row: { settled: bigint },
});

const selectSeq = statement('seqOfEvent', {
  sql: 'select seq from events where merchant_id = :merchant and id = :event',
  params: { merchant: 'text', event: 'text' },
  row: { seq: bigint },
});

const paramsOf = (merchant: MerchantId, { type, object, customer, contract }: EventFilter) => ({
  merchant,
  type: type ?? null,
  object: object ?? null,
  customer: customer ?? null,
  contract: contract ?? null,
});

/** A page of events, newest first. The cursor is the last event of the page before. */
export async function newestEvents(
  db: Db,
  merchant: MerchantId,
  filter: EventFilter,
  { limit, cursor }: PageOf,
): Promise<Page<EventRow>> {
  const before = cursor === undefined ? null : await seqOf(db, merchant, afterCursor(cursor), 'cursor');
  const found = await selectNewest.rows(db, { ...paramsOf(merchant, filter), before, limit: limit + 1 });
  return cut(found, limit, 'id');
}

/**
 * A page of events after an event, or from the oldest on, in the order in which they were written. It ends before the first event
 * that a transaction may still write, so whoever continues after its last event misses none.
 * @param after an id of an event
 * @throws DomainError not_found if there is no such event, or if its retention is over
 */
export async function eventsOnwards(
  db: Db,
  merchant: MerchantId,
  filter: EventFilter,
  { after, limit, cursor }: PageOf & { readonly after?: string },
): Promise<Page<EventRow>> {
  const from = cursor === undefined ? after : afterCursor(cursor);
  const seq =
    from === undefined ? 0n : await seqOf(db, merchant, from, cursor === undefined ? 'after' : 'cursor');
  const { settled } = await selectSettled.row(db, {});
  const found = await selectOnwards.rows(db, {
    ...paramsOf(merchant, filter),
    after: seq,
    settled,
    limit: limit + 1,
  });
  return cut(found, limit, 'id');
}

async function seqOf(db: Db, merchant: MerchantId, id: string, field: string): Promise<bigint> {
  const known = await selectSeq.maybeRow(db, { merchant, event: id });
  if (known === null) throw new DomainError('not_found', 'there is no such event', { field });
  return known.seq;
}
