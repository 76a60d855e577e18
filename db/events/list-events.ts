import type { EventType } from '../../domain/events/catalogue.ts';
import { DomainError } from '../../domain/errors.ts';
import { bigint } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor } from '../platform/page.ts';
import type { Db, Pool } from '../platform/pool.ts';
import { type Chosen, type Way, inRange, sortedList } from '../platform/sorted-list.ts';
import { statement } from '../platform/statement.ts';
import { EVENT, type EventRow, event } from './events.ts';

/** A number that no event reaches. */
const NEVER = 9_223_372_036_854_775_807n;

/** The filters of events. The range includes its beginning and excludes its end. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  readonly object?: string;
  readonly customer?: string;
  readonly contract?: string;
  readonly recordedFrom?: string;
  readonly recordedBefore?: string;
}

/** A way in the order in which events were written. No two of them have the same number, so the indexes do not have the id. */
const way = (where: string): Way => ({
  sort: 'seq',
  order: { seq: 'bigint' },
  isUnique: true,
  sources: [{ table: 'events', where }],
  range: 'x.seq between :seqFrom and :seqThrough',
});

const list = sortedList('events', {
  table: 'events',
  view: EVENT,
  id: 'e.id',
  row: event,
  params: {
    types: 'text[]?',
    object: 'text?',
    customer: 'text?',
    contract: 'text?',
    recordedFrom: 'timestamptz?',
    recordedBefore: 'timestamptz?',
    seqFrom: 'bigint',
    seqThrough: 'bigint',
  },
  conditions: `(:types is null or d.type = any(:types)) and (:object is null or d.object_id = :object)
    and (:customer is null or d.customer_id = :customer) and (:contract is null or d.contract_id = :contract)
    and ${inRange('d.recorded_at', 'recorded')}
    and d.seq between :seqFrom and :seqThrough`,
  ways: {
    all: way(`e.value = ''`),
    type: way('x.type = e.value'),
    customer: way('x.customer_id = e.value'),
    contract: way('x.contract_id = e.value'),
    object: {
      sort: 'sequence',
      order: { sequence: 'bigint' },
      isUnique: true,
      sources: [{ table: 'events', where: 'x.object_id = e.value' }],
    },
  },
});
type EventWay = Parameters<typeof list.page>[3]['way'];

/** Chooses the way that has the rows of the narrowest filter. */
function choose({ types, object, customer, contract }: EventFilter, ascending: boolean): Chosen<EventWay> {
  if (object !== undefined) return { way: 'object', each: [object], ascending };
  if (contract !== undefined) return { way: 'contract', each: [contract], ascending };
  if (customer !== undefined) return { way: 'customer', each: [customer], ascending };
  if (types !== undefined) return { way: 'type', each: [...new Set(types)], ascending };
  return { way: 'all', each: [''], ascending };
}

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

/**
 * The numbers between which a list finds its events: those after an event, those that are settled, and those of a span. An event
 * gets its number and then its time. So events of parallel transactions may have the times in another order, but not by minutes.
 */
const selectSpan = statement('seqsOfEvents', {
  sql: `
    select
      greatest(:after + 1, case when :from is null then 0 else coalesce((select seq from events
        where recorded_at >= :from - interval '5 minutes' order by recorded_at limit 1), ${NEVER}) end)::bigint as "seqFrom",
      least(:settled, case when :before is null then ${NEVER} else coalesce((select seq from events
        where recorded_at < :before + interval '5 minutes' order by recorded_at desc limit 1), 0) end)::bigint as "seqThrough"`,
  params: { after: 'bigint', settled: 'bigint', from: 'timestamptz?', before: 'timestamptz?' },
  row: { seqFrom: bigint, seqThrough: bigint },
});

async function pageOf(
  pool: Pool,
  merchant: MerchantId,
  filter: EventFilter,
  page: PageOf,
  onwards?: { readonly after: bigint; readonly settled: bigint },
): Promise<Page<EventRow>> {
  const { types = null, object = null, customer = null, contract = null } = filter;
  const { recordedFrom = null, recordedBefore = null } = filter;
  const { after, settled } = onwards ?? { after: -1n, settled: NEVER };
  const span = { after, settled, from: recordedFrom, before: recordedBefore };
  const seqs = await selectSpan.row(pool, span);
  const values = { types, object, customer, contract, recordedFrom, recordedBefore, ...seqs };
  return list.page(pool, merchant, values, choose(filter, onwards !== undefined), page);
}

/** A page of events, newest first. */
export function newestEvents(
  pool: Pool,
  merchant: MerchantId,
  filter: EventFilter,
  page: PageOf,
): Promise<Page<EventRow>> {
  return pageOf(pool, merchant, filter, page);
}

/**
 * A page of events after an event, or from the oldest on, in the order in which they were written. It ends before the first event
 * that a transaction may still write, so whoever continues after its last event misses none.
 * @param after an id of an event
 * @throws DomainError not_found if there is no such event, or if its retention is over
 */
export async function eventsOnwards(
  pool: Pool,
  merchant: MerchantId,
  filter: EventFilter,
  { after, limit, cursor }: PageOf & { readonly after?: string },
): Promise<Page<EventRow>> {
  const known = after === undefined ? -1n : await seqOf(pool, merchant, after, 'after');
  // An event of the cursor that is deleted may have had successors that are deleted, too.
  if (cursor !== undefined) await seqOf(pool, merchant, idIn(cursor), 'cursor');
  const { settled } = await selectSettled.row(pool, {});
  const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
  return pageOf(pool, merchant, filter, page, { after: known, settled });
}

/** The id of the event after which a cursor goes on. */
const idIn = (cursor: string): string => afterCursor(cursor).split(':').at(-1) ?? '';

async function seqOf(db: Db, merchant: MerchantId, id: string, field: string): Promise<bigint> {
  const known = await selectSeq.maybeRow(db, { merchant, event: id });
  if (known === null) throw new DomainError('not_found', 'there is no such event', { field });
  return known.seq;
}
