import { z } from 'zod';
import { getApiKey, pageOfApiKeys } from '../../db/parties/api-keys.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { makeKey, revokeKey, rotateKey } from '../../engine/parties/api-keys.ts';
import { type Personal, type Route, route } from '../route.ts';
import { apiKeyOut, madeApiKeyOut, newApiKey, rotation } from '../schemas/api-keys.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

const tag = 'API keys';

/** A key is shown once, and stored nowhere. */
const shownOnce: Personal<z.input<typeof madeApiKeyOut>> = {
  keep: (body) => ({ ...body, key: null }),
  restore: (kept) => Promise.resolve(kept),
};

export const apiKeyRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/api-keys',
      tag,
      summary: 'Create an API key',
      description: 'The new key may only have scopes that the key of this request has itself.',
      scope: 'admin',
      effect: 'transaction',
      body: newApiKey,
      status: [201],
      response: madeApiKeyOut,
      errors: ['too_many_api_keys', 'invalid_date'],
      personal: shownOnce,
    },
    ({ body }, { db, merchant, key }) => {
      const { name, scopes, expires_at: expiresAt = null } = body;
      return makeKey(db, merchant, key.scopes, { name, scopes, expiresAt });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/api-keys',
      tag,
      summary: 'List API keys',
      description:
        'The list contains revoked keys, too. The texts of the keys are not stored, and cannot be shown again.',
      scope: 'admin',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(apiKeyOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => mapPage(await pageOfApiKeys(db, merchant, query), withoutCursor),
  ),
  route(
    {
      method: 'get',
      path: '/v1/api-keys/{id}',
      tag,
      summary: 'Read an API key',
      scope: 'admin',
      effect: 'read',
      params: idParams,
      status: [200],
      response: apiKeyOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => found(await getApiKey(db, merchant, params.id), 'API key'),
  ),
  route(
    {
      method: 'post',
      path: '/v1/api-keys/{id}/rotate',
      tag,
      summary: 'Rotate an API key',
      description:
        'Creates a key with the same name, scopes and lifetime. The old key works for some hours more, so that clients can ' +
        'change to the new one without a gap.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: rotation,
      status: [201],
      response: madeApiKeyOut,
      errors: ['too_many_api_keys'],
      personal: shownOnce,
    },
    ({ params, body }, { db, merchant, key }) =>
      rotateKey(db, merchant, key.scopes, { keyId: params.id, hours: body.hours }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/api-keys/{id}',
      tag,
      summary: 'Revoke an API key',
      description: 'The key stops working at once. A key cannot revoke one that has more scopes than itself.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      status: [204],
      response: z.undefined(),
      errors: [],
    },
    async ({ params }, { db, merchant, key }) => {
      await revokeKey(db, merchant, key.scopes, params.id);
      return undefined;
    },
  ),
];

function withoutCursor({
  id,
  name,
  scopes,
  created_at,
  expires_at,
  revoked_at,
  last_used_at,
}: z.input<typeof apiKeyOut>): z.input<typeof apiKeyOut> {
  return { id, name, scopes, created_at, expires_at, revoked_at, last_used_at };
}
