import { z } from 'zod';
import { nowOf } from '../../db/clocks/clocks.ts';
import { loadContract } from '../../db/contracts/contracts.ts';
import { mapPage } from '../../db/platform/page.ts';
import { resolve } from '../../db/platform/refs.ts';
import { listRatedPeriods, listUsage } from '../../db/usage/usage.ts';
import type { UsageAnswer } from '../../domain/usage/decide.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { type NamedUsage, openUsage, reportUsage } from '../../engine/usage/usage.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { idParams, instant, page, pageQuery, reference } from '../schemas/common.ts';
import { usageAnswers, usageOut, usageReport, usageTotals } from '../schemas/usage.ts';

const tag = 'Usage';

type Report = z.output<typeof usageReport>;

function entriesOf(report: Report): NamedUsage[] {
  const list = Array.isArray(report)
    ? report.map((each, n) => [`[${n}].`, each] as const)
    : [['', report] as const];
  return list.map(([path, each]) => ({
    path,
    eventId: each.event_id,
    componentId: each.component,
    quantity: each.quantity ?? null,
    at: each.at,
    value: each.value ?? null,
  }));
}

function answerToWire({ eventId, reason, at }: UsageAnswer): z.input<typeof usageAnswers>['results'][number] {
  return { event_id: eventId, result: reason === null ? 'consumed' : 'rejected', reason, at };
}

export const usageRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/contracts/{id}/usage',
      tag,
      summary: 'Report usage of metered components',
      description:
        'The body is one event or a list. The answer has one result for each event, in the same order: `consumed`, or ' +
        '`rejected` with the reason. An event that is sent again with the same id and content gets the same result, and ' +
        'counts once.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: usageReport,
      bodyLimit: '1mb',
      status: [200],
      response: usageAnswers,
      errors: ['clock_advancing', 'invalid_amount', 'invalid_date', 'too_many_lines'],
    },
    async ({ params, body }, { db, merchant }) => {
      const answers = await reportUsage(db, merchant, params.id, entriesOf(body));
      return { results: answers.map(answerToWire) };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/contracts/{id}/usage',
      tag,
      summary: 'List the usage of a contract',
      description:
        'Consumed events in the order in which they were reported. With `from` and `to`, only events from the instant ' +
        '`from` on and before the instant `to`. Events that are reported while you read the pages may or may not appear ' +
        'on a later page.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject({
        ...pageQuery,
        component: reference.exactOptional(),
        from: instant.exactOptional(),
        to: instant.exactOptional(),
      }),
      status: [200],
      response: page(usageOut),
      errors: ['invalid_date'],
    },
    async ({ params, query }, { db, merchant }) => {
      const id = await resolve(db, merchant, 'contract', params.id);
      const filter = await resolveFilter(db, merchant, query, { component: 'component' });
      return mapPage(await listUsage(db, merchant, id, filter, query), (row) => ({
        event_id: row.event_id,
        component: row.component,
        subscription: row.subscription,
        at: row.at,
        quantity: row.quantity,
        value: row.value,
        recorded_at: row.recorded_at,
      }));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/contracts/{id}/usage/totals',
      tag,
      summary: 'Read the usage totals of a contract',
      description:
        'The metered periods that are not billed yet (`open`), with their amounts so far, and those that were billed (`data`).',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject(pageQuery),
      status: [200],
      response: usageTotals,
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const id = await resolve(db, merchant, 'contract', params.id);
      const loaded = await loadContract(db, merchant, id);
      const { currency, priceMode } = loaded.state;
      const open = await openUsage(db, merchant, loaded, await nowOf(db, merchant, loaded.context.clockId));
      const rated = mapPage(await listRatedPeriods(db, merchant, id, query), (row) => ({
        subscription: row.subscription,
        component: row.component,
        name: row.name,
        aggregation: row.aggregation,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        total: row.total,
        amount: formatMinor(row.amount_minor, currency),
        reopened: row.reopened,
      }));
      return {
        ...rated,
        currency,
        price_mode: priceMode,
        open: open.map((each) => ({
          subscription: each.subscriptionId,
          component: each.componentId ?? '',
          name: each.name,
          aggregation: each.aggregation,
          starts_at: each.startsAt,
          ends_at: each.endsAt,
          total: each.total,
          amount: formatMinor(each.amountMinor, currency),
        })),
      };
    },
  ),
];
