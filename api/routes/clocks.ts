import { z } from 'zod';
import { type ClockView, createClock, getClock, listClocks, openWork } from '../../db/clocks/views.ts';
import { openIncidentsOfClock } from '../../db/platform/incidents.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { mapPageInTurn } from '../../db/platform/page.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DomainError } from '../../domain/errors.ts';
import { Reply, type Route, route } from '../route.ts';
import { advance, clockOut, newClock } from '../schemas/clocks.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

const tag = 'Test clocks';

type Clock = z.input<typeof clockOut>;

async function toWire(db: Db, merchant: MerchantId, row: ClockView): Promise<Clock> {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    now: row.now_at,
    started_at: row.started_at,
    target: row.target_at,
    problem: row.problem,
    steps: row.steps,
    open: await openWork(db, merchant, row.id),
    incidents: await openIncidentsOfClock(db, merchant, row.id),
    created_at: row.created_at,
  };
}

async function read(db: Db, merchant: MerchantId, id: string): Promise<Clock> {
  return toWire(db, merchant, found(await getClock(db, merchant, id), 'test clock'));
}

export const clockRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/test-clocks',
      tag,
      summary: 'Create a test clock',
      description:
        'Only test merchants have test clocks. A clock gives the time to its customers and to all their contracts. It ' +
        'moves only when it is advanced.',
      scope: 'write',
      effect: 'transaction',
      body: newClock,
      status: [201],
      response: clockOut,
      errors: ['test_merchant_only', 'invalid_date'],
    },
    async ({ body }, { db, key, merchant }) => {
      if (!key.test) throw new DomainError('test_merchant_only', 'only test merchants have test clocks');
      return read(db, merchant, await createClock(db, merchant, body));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/test-clocks',
      tag,
      summary: 'List test clocks',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(clockOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) =>
      mapPageInTurn(await listClocks(db, merchant, query), (row) => toWire(db, merchant, row)),
  ),
  route(
    {
      method: 'get',
      path: '/v1/test-clocks/{id}',
      tag,
      summary: 'Read a test clock, with its time and its open work',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: clockOut,
      errors: [],
    },
    ({ params }, { db, merchant }) => read(db, merchant, params.id),
  ),
  route(
    {
      method: 'post',
      path: '/v1/test-clocks/{id}/advance',
      tag,
      summary: 'Advance a test clock',
      description:
        'Starts the advance and answers at once. The clock has reached its target when its status is `ready` again.',
      scope: 'write',
      effect: 'engine',
      params: idParams,
      body: advance,
      status: [202],
      response: clockOut,
      errors: ['clock_advancing', 'clock_backwards', 'clock_too_far', 'invalid_date'],
    },
    async ({ params, body }, { db, deps, merchant, claim, resume }) => {
      const clock = found(await getClock(db, merchant, params.id), 'test clock');
      const to = body.by === undefined ? (body.to ?? clock.now_at) : { by: body.by };
      if (resume === null) await deps.engine.advanceClock(merchant, clock.id, to, claim);
      return read(db, merchant, clock.id);
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/test-clocks/{id}',
      tag,
      summary: 'Delete a test clock and everything on it',
      scope: 'write',
      effect: 'engine',
      params: idParams,
      status: [204],
      response: z.undefined(),
      errors: ['clock_advancing'],
    },
    async ({ params }, { db, deps, merchant, claim, resume }) => {
      if (resume === null) {
        const clock = found(await getClock(db, merchant, params.id), 'test clock');
        await deps.engine.deleteClock(merchant, clock.id, claim);
      }
      return new Reply(204, undefined);
    },
  ),
];
