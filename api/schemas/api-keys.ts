import { z } from 'zod';
import { SCOPES } from '../../domain/parties/scopes.ts';
import { idOut, instant, instantOut, text } from './common.ts';

const scope = z.enum(SCOPES).meta({
  id: 'Scope',
  description:
    'A level for everything (`read`), or for one area (`usage:write`). `write` includes `read`, and `admin` includes both.',
  example: 'usage:write',
});

export const newApiKey = z
  .strictObject({
    name: text(100).meta({ description: 'A name that says who or what uses the key.', example: 'reports' }),
    scopes: z.array(scope).min(1).max(SCOPES.length),
    expires_at: instant.exactOptional(),
  })
  .meta({ id: 'NewApiKey', example: { name: 'reports', scopes: ['invoices:read', 'usage:read'] } });

export const rotation = z
  .strictObject({
    hours: z
      .int()
      .min(0)
      .max(720)
      .default(24)
      .meta({ description: 'For how many hours the old key still works.' }),
  })
  .meta({ id: 'KeyRotation', example: { hours: 24 } });

export const apiKeyOut = z
  .object({
    id: idOut,
    name: z.string(),
    scopes: z.array(scope).readonly(),
    created_at: instantOut,
    expires_at: instantOut.nullable(),
    revoked_at: instantOut.nullable(),
    last_used_at: instantOut.nullable().meta({ description: 'When the key was last used, to the minute.' }),
  })
  .meta({ id: 'ApiKey' });

export const madeApiKeyOut = apiKeyOut
  .extend({
    key: z.string().nullable().meta({
      description:
        'The key itself. It is shown only once: null if the answer is repeated under its Idempotency-Key.',
    }),
  })
  .meta({ id: 'MadeApiKey' });
