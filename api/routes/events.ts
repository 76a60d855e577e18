import { z } from 'zod';
import { getEvent } from '../../db/events/events.ts';
import { eventsOnwards, newestEvents } from '../../db/events/list-events.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { eventJson } from '../../domain/events/event.ts';
import { resolveFilter } from '../filters.ts';
import { SEARCHES_ON, camelCased, rangeQuery, refuseInverted } from '../lists.ts';
import { type Route, route } from '../route.ts';
import { id, idParams, page, pageQuery, reference, text } from '../schemas/common.ts';
import { eventOut, eventTypes } from '../schemas/events.ts';

const tag = 'Events';

export const eventRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/events',
      tag,
      summary: 'List events',
      description:
        'With `after`, or with `order=oldest`, in the order in which they were written: whoever continues after the last event ' +
        `of an answer misses none. Otherwise ${SEARCHES_ON.charAt(0).toLowerCase()}${SEARCHES_ON.slice(1)}`,
      scope: 'read',
      effect: 'read',
      query: z.strictObject({
        ...pageQuery,
        type: eventTypes.exactOptional(),
        object: text(100)
          .exactOptional()
          .meta({ description: 'The id of the object that the events are about.' }),
        customer: reference.exactOptional(),
        contract: reference.exactOptional(),
        ...rangeQuery('recorded'),
        order: z.enum(['newest', 'oldest']).exactOptional().meta({ description: 'The default is `newest`.' }),
        after: id
          .exactOptional()
          .meta({ description: 'The id of an event. Its successors are listed, oldest first.' }),
      }),
      status: [200],
      response: page(eventOut),
      errors: ['invalid_date'],
    },
    async ({ query }, { db, merchant }) => {
      refuseInverted(query, ['recorded_from', 'recorded_before']);
      const { recorded_from, recorded_before, type, ...named } = query;
      const kinds = { customer: 'customer', contract: 'contract' } as const;
      const filter = {
        ...(await resolveFilter(db, merchant, named, kinds)),
        ...(type === undefined ? {} : { types: typeof type === 'string' ? [type] : type }),
        ...camelCased({ recorded_from, recorded_before }),
      };
      const onwards = query.after !== undefined || query.order === 'oldest';
      const list = onwards ? eventsOnwards : newestEvents;
      return mapPage(await list(db, merchant, filter, query), eventJson);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/events/{id}',
      tag,
      summary: 'Read an event',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: eventOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      eventJson(found(await getEvent(db, merchant, params.id), 'event')),
  ),
];
