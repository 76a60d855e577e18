import { z } from 'zod';
import { type JobScope, type JobView, getJob, listJobItems, listJobs } from '../../db/jobs/jobs.ts';
import { mapPage } from '../../db/platform/page.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { requestJob, stopJob } from '../../engine/jobs/jobs.ts';
import { type Route, Written, route } from '../route.ts';
import {
  accountJobOut,
  billingPreviewOf,
  billingPreviewOut,
  jobAccountOut,
  jobAccountState,
  newAccountJob,
} from '../schemas/account-jobs.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

const tag = 'Billing accounts';

function toWire({ scope_kind, scope_id, ...job }: JobView): z.input<typeof accountJobOut> {
  return { ...job, account: null, customer: null, issuer: null, [scope_kind]: scope_id };
}

/** The accounts that a request names. @throws DomainError not_found */
async function scopeOf(
  db: Db,
  merchant: MerchantId,
  named: { readonly account?: string; readonly customer?: string; readonly issuer?: string },
): Promise<JobScope> {
  for (const kind of ['account', 'customer', 'issuer'] as const) {
    const reference = named[kind];
    if (reference !== undefined) return { kind, id: await resolve(db, merchant, kind, reference, kind) };
  }
  throw new Error('the schema of the request asks for a scope');
}

export const accountJobRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/account-jobs',
      tag,
      summary: 'Bill, deactivate or activate many billing accounts',
      description:
        'The job does a few accounts at a time, and survives any crash. Read it to see how far it is. Accounts that are made ' +
        'later do not belong to it. A deactivated account keeps its balance and its documents, and takes receipts, but no orders ' +
        'and no charges.',
      scope: 'write',
      effect: 'transaction',
      body: newAccountJob,
      status: [202],
      response: accountJobOut,
      errors: [],
    },
    async ({ body: { kind, ...named } }, { db, merchant }) => {
      const id = await requestJob(db, merchant, kind, await scopeOf(db, merchant, named));
      return toWire(found(await getJob(db, merchant, id), 'job'));
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/account-jobs/preview',
      tag,
      summary: 'Compute what runs of collective accounts would bill now',
      description:
        'Computes the documents that runs would make now of the charges that wait, for at most 1,000 accounts. It writes nothing, ' +
        'and locks nothing.',
      scope: 'read',
      effect: 'read',
      previews: true,
      body: billingPreviewOf,
      status: [200],
      response: billingPreviewOut,
      errors: ['too_many_accounts', 'tax_rate_missing'],
    },
    async ({ body }, { deps, db, merchant }) => {
      const scope = await scopeOf(db, merchant, body);
      return new Written(await deps.calculator.previewBilling(merchant, scope));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/account-jobs',
      tag,
      summary: 'List jobs over billing accounts',
      description: 'The newest first.',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(accountJobOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => mapPage(await listJobs(db, merchant, query), toWire),
  ),
  route(
    {
      method: 'get',
      path: '/v1/account-jobs/{id}',
      tag,
      summary: 'Read how far a job over billing accounts is',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: accountJobOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => toWire(found(await getJob(db, merchant, params.id), 'job')),
  ),
  route(
    {
      method: 'get',
      path: '/v1/account-jobs/{id}/accounts',
      tag,
      summary: 'List what a job did with each billing account',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject({ ...pageQuery, state: jobAccountState.exactOptional() }),
      status: [200],
      response: page(jobAccountOut),
      errors: [],
    },
    async ({ params, query: { state, ...query } }, { db, merchant }) => {
      const { id } = found(await getJob(db, merchant, params.id), 'job');
      return mapPage(await listJobItems(db, merchant, id, state, query), (item) => item);
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/account-jobs/{id}/stop',
      tag,
      summary: 'Stop a job between two billing accounts',
      description: 'What the job has done stays done. A job that has ended stays as it is.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [202],
      response: accountJobOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => {
      await stopJob(db, merchant, params.id);
      return toWire(found(await getJob(db, merchant, params.id), 'job'));
    },
  ),
];
