import { z } from 'zod';
import { eventsOnwards, getEvent, newestEvents } from '../../db/events/events.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { eventJson } from '../../domain/events/event.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { id, idParams, page, pageQuery, reference, text } from '../schemas/common.ts';
import { eventOut, eventType } from '../schemas/events.ts';

const tag = 'Events';

export const eventRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/events',
      tag,
      summary: 'List events',
      description:
        'Newest first. With `after`, or with `order=oldest`, in the order in which they were written: whoever continues after ' +
        'the last event of an answer misses none.',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({
        ...pageQuery,
        type: eventType.exactOptional(),
        object: text(100)
          .exactOptional()
          .meta({ description: 'The id of the object that the events are about.' }),
        customer: reference.exactOptional(),
        contract: reference.exactOptional(),
        order: z.enum(['newest', 'oldest']).exactOptional().meta({ description: 'The default is `newest`.' }),
        after: id
          .exactOptional()
          .meta({ description: 'The id of an event. Its successors are listed, oldest first.' }),
      }),
      status: [200],
      response: page(eventOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const filter = await resolveFilter(db, merchant, query, { customer: 'customer', contract: 'contract' });
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
