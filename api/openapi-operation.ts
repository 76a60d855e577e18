import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { AREAS } from '../domain/parties/scopes.ts';
import { ERROR_CODES } from './errors.ts';
import { type Route, isFile } from './route.ts';
import { pageQuery } from './schemas/common.ts';

/** The schema of a problem. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'A sentence for people. It may change.' }),
    code: z.string().meta({
      description: 'The stable code of the problem. Later versions may add codes.',
      examples: Object.keys(ERROR_CODES),
    }),
    request_id: z
      .string()
      .meta({ description: 'The id of the request, as in the header X-Request-Id and in the log.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string(), code: z.string().exactOptional() }))
      .exactOptional()
      .meta({ description: 'The invalid fields of the request.' }),
  })
  .meta({ id: 'Problem', description: 'A problem of RFC 9457, with a stable code.' });

/** Header fields of answers to requests with a valid key. */
const rateHeaders = z.object({
  'RateLimit-Policy': z
    .string()
    .exactOptional()
    .meta({
      header: { id: 'RateLimit-Policy' },
      description: 'The rate limits: `q` requests at once, which are refilled within `w` seconds.',
      example: '"key";q=200;w=2, "merchant";q=600;w=2',
    }),
  RateLimit: z
    .string()
    .exactOptional()
    .meta({
      header: { id: 'RateLimit' },
      description: 'For each limit, about `r` requests are left, and there are more after `t` seconds.',
      example: '"key";r=199;t=1, "merchant";r=599;t=1',
    }),
});

const refusalHeaders = rateHeaders.extend({
  'Retry-After': z.string().meta({
    header: { id: 'Retry-After' },
    description: 'After how many seconds to repeat the request.',
    example: '1',
  }),
});

/** The refusals that follow from the kind of a route. */
function commonCodes({ spec }: Route): string[] {
  return [
    'invalid_request',
    'unauthenticated',
    'forbidden',
    'too_many_requests',
    'internal',
    'unavailable',
    ...(spec.params === undefined ? [] : ['not_found']),
    ...(spec.body === undefined ? [] : ['malformed_json', 'unsupported_media_type']),
    ...(spec.method === 'get' ? [] : ['payload_too_large']),
    ...(spec.effect === 'read' ? [] : ['request_in_progress', 'idempotency_key_reused']),
    ...(spec.effect === 'read' || spec.etag === undefined ? [] : ['version_changed']),
  ];
}

/** Whether a field of the request may name an object. If that does not exist, the status is 422. */
function namesThings({ spec }: Route): boolean {
  const query = spec.query instanceof z.ZodObject ? Object.keys(spec.query.shape) : [];
  return spec.body !== undefined || query.some((field) => !Object.hasOwn(pageQuery, field));
}

function problemsOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const own = new Set<string>(route.spec.errors);
  const byStatus = new Map<number, string[]>(
    namesThings(route)
      ? [[422, ['`not_found`: A field of the request names an object that does not exist; see `errors`.']]]
      : [],
  );
  for (const code of new Set([...own, ...commonCodes(route)])) {
    const [status, meaning] = ERROR_CODES[code] ?? [422, ''];
    // Problems that every route may answer are described only on the page of errors.
    const text = own.has(code) ? `\`${code}\`: ${meaning}` : `\`${code}\``;
    byStatus.set(status, [...(byStatus.get(status) ?? []), text]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, texts]) => [
      `${status}` as `${1 | 2 | 3 | 4 | 5}${string}`,
      {
        description: texts.join('\n\n'),
        ...(status === 429 ? { headers: refusalHeaders } : {}),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .max(200)
    .exactOptional()
    .meta({
      description:
        'Makes it safe to repeat the request. For 24 hours, the same request with the same key gets the first answer ' +
        'again. Another request with the same key gets 422.',
    }),
});

/** The descriptions of successful answers by status. */
const SUCCESSES: Readonly<Record<number, string>> = {
  200: 'OK.',
  201: 'Created.',
  202: 'Accepted. The work is not finished yet.',
  204: 'Done. The answer has no body.',
};

/** Header fields of answers with a file. */
const fileHeaders = rateHeaders.extend({
  ETag: z.string().meta({ header: { id: 'ETag' }, description: 'The SHA-256 of the file, in quotes.' }),
});

/** Header fields of answers with an object that can be patched. */
const versionHeaders = rateHeaders.extend({
  ETag: z.string().meta({
    header: { id: 'Version' },
    description: 'The version of the object, for `If-Match` of a PATCH.',
    example: '"d41d8cd98f00b204e9800998ecf"',
  }),
});

const ifMatchHeader = z.object({
  'If-Match': z.string().exactOptional().meta({
    description:
      'The ETag of the version that the change is meant for. If the object has changed since, the request gets 412.',
  }),
});

/** Header fields of the answer 202 of a route whose file is still being made. */
const notYetHeaders = rateHeaders.extend({ 'Retry-After': refusalHeaders.shape['Retry-After'] });

function successOf({ spec }: Route, status: number): object {
  const { produces = 'application/json', response } = spec;
  const content = { [produces]: { schema: response } };
  if (status === 204) return { headers: rateHeaders };
  if (!isFile(produces)) {
    return { headers: spec.etag === undefined ? rateHeaders : versionHeaders, content };
  }
  return status === 202 ? { headers: notYetHeaders } : { headers: fileHeaders, content };
}

function headersOf(spec: Route['spec']): { header?: z.ZodObject } {
  if (spec.effect === 'read') return {};
  return {
    header: spec.etag === undefined ? idempotencyHeader : idempotencyHeader.extend(ifMatchHeader.shape),
  };
}

/** Describes a route: its parameters, its body, its answers and its refusals. */
export function operationOf(route: Route): ZodOpenApiOperationObject {
  const { spec } = route;
  const successes = spec.status.map((status) => [
    `${status}`,
    { description: SUCCESSES[status] ?? 'OK.', ...successOf(route, status) },
  ]);
  return {
    operationId: `${spec.method}${spec.path.replace(/[/{}.-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, `Scope: \`${spec.scope}\` or \`${AREAS[spec.tag]}:${spec.scope}\`.`]
      .filter(Boolean)
      .join('\n\n'),
    requestParams: {
      ...(spec.params instanceof z.ZodObject ? { path: spec.params } : {}),
      ...(spec.query instanceof z.ZodObject ? { query: spec.query } : {}),
      ...headersOf(spec),
    },
    ...(spec.body === undefined
      ? {}
      : {
          requestBody: {
            required: !mayBeEmpty(spec.body),
            content: { 'application/json': { schema: spec.body } },
          },
        }),
    responses: { ...Object.fromEntries(successes), ...problemsOf(route) },
  };
}

/** Whether all fields of a body are optional. Then the body is optional, too. */
function mayBeEmpty(body: z.ZodType): boolean {
  return body.safeParse({}).success;
}
