import { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, createDocument } from 'zod-openapi';
import { AREAS } from '../domain/parties/scopes.ts';
import { ERROR_CODES } from './errors.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes/index.ts';
import { pageQuery } from './schemas/common.ts';

/** The description of each tag, in the order of the page. */
const TAGS: Readonly<Record<string, string>> = {
  Issuers: 'The legal entities that write invoices, each with its own series of numbers.',
  'Tax policies': 'Rates per country, each valid from a day on.',
  Catalogue:
    'Plan groups, plans, variants and components. What is published never changes; a change is a new version.',
  Customers: 'Who buys: a tree, with personal data in a sealed vault.',
  'Billing accounts': 'Customer, issuer and currency: entries, balance, and receipts by hand.',
  'Payment methods': "The provider's names for cards and mandates, never their numbers.",
  Orders: 'Customer and contract in one step, or only the preview of it.',
  Contracts: 'Their phases, and the commands that change them, each with a preview.',
  'One-time charges': 'What is charged or credited once: now, or with the next invoice.',
  Usage: 'Of metered components: what is reported, and what it comes to.',
  Invoices: 'Invoices and credit notes, and how each of their lines came to its amount.',
  Payments: 'What came in, and each attempt to collect it.',
  'API keys': 'Who may ask for what: in everything, or in one area.',
  Incidents: 'Steps that could not be done: what failed, since when, and what to do.',
  'Test clocks': 'Time that moves only when told, in test merchants.',
  Webhooks: 'What providers tell us.',
};

type Document = ReturnType<typeof createDocument>;

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'For people; it may change.' }),
    code: z.string().meta({ description: 'Stable.' }),
    request_id: z
      .string()
      .meta({ description: 'As in the header X-Request-Id of the answer, and in the log.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string(), code: z.string().exactOptional() }))
      .exactOptional()
      .meta({ description: 'What is wrong with which field of the request.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with a stable code.' });

/** On answers to requests that showed a valid key. */
const rateHeaders = z.object({
  'RateLimit-Policy': z
    .string()
    .exactOptional()
    .meta({
      header: { id: 'RateLimit-Policy' },
      description: 'The limits: `q` requests at once, which come back in `w` seconds.',
      example: '"key";q=200;w=2, "merchant";q=600;w=2',
    }),
  RateLimit: z
    .string()
    .exactOptional()
    .meta({
      header: { id: 'RateLimit' },
      description: 'Of each limit: probably `r` requests are left, and after `t` seconds there are more.',
      example: '"key";r=199;t=1, "merchant";r=599;t=1',
    }),
});

const refusalHeaders = rateHeaders.extend({
  'Retry-After': z.string().meta({
    header: { id: 'Retry-After' },
    description: 'In how many seconds to ask again.',
    example: '1',
  }),
});

/** The refusals that a route has because of what it is. */
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
  ];
}

/** Whether a field of the request may name a thing: that it is not there is the request's fault. */
function namesThings({ spec }: Route): boolean {
  const query = spec.query instanceof z.ZodObject ? Object.keys(spec.query.shape) : [];
  return spec.body !== undefined || query.some((field) => !Object.hasOwn(pageQuery, field));
}

function problemsOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const own = new Set<string>(route.spec.errors);
  const byStatus = new Map<number, string[]>(
    namesThings(route) ? [[422, ['`not_found`: in `errors`.']]] : [],
  );
  for (const code of new Set([...own, ...commonCodes(route)])) {
    const [status, meaning] = ERROR_CODES[code] ?? [422, ''];
    // Problems that every route may answer are described once, on the page of errors.
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
  'Idempotency-Key': z.string().max(200).exactOptional().meta({
    description:
      'For 24 hours the same key with the same request gets the first answer again; with another request 422.',
  }),
});

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { spec } = route;
  const successes = spec.status.map((status) => [
    `${status}`,
    status === 204
      ? { description: 'Done.', headers: rateHeaders }
      : {
          description: status === 202 ? 'Under way.' : 'Done.',
          headers: rateHeaders,
          content: { [spec.produces ?? 'application/json']: { schema: spec.response } },
        },
  ]);
  return {
    operationId: `${spec.method}${spec.path.replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, `Scope: \`${spec.scope}\` or \`${AREAS[spec.tag]}:${spec.scope}\`.`]
      .filter(Boolean)
      .join('\n\n'),
    requestParams: {
      ...(spec.params instanceof z.ZodObject ? { path: spec.params } : {}),
      ...(spec.query instanceof z.ZodObject ? { query: spec.query } : {}),
      ...(spec.effect === 'read' ? {} : { header: idempotencyHeader }),
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

/** Whether all fields of a body may be left out, and so the body. */
function mayBeEmpty(body: z.ZodType): boolean {
  return body.safeParse({}).success;
}

/** Providers sign what they send; no API key opens this. */
const webhook: ZodOpenApiOperationObject = {
  operationId: 'postProviderWebhook',
  tags: ['Webhooks'],
  summary: "Take a provider's webhook",
  description: 'Signed by the provider. An event counts once, however often it is delivered.',
  security: [],
  requestParams: { path: z.object({ provider: z.string() }) },
  requestBody: {
    required: true,
    content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } },
  },
  responses: {
    '200': {
      description: 'Booked.',
      content: { 'application/json': { schema: z.object({ received: z.boolean() }) } },
    },
    ...Object.fromEntries(
      ['invalid_webhook', 'invalid_signature', 'not_found', 'payload_too_large', 'unavailable'].map(
        (code) => [
          `${ERROR_CODES[code]?.[0] ?? 400}`,
          {
            description: `\`${code}\`: ${ERROR_CODES[code]?.[1] ?? ''}`,
            content: { 'application/problem+json': { schema: problemSchema } },
          },
        ],
      ),
    ),
  },
};

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApiDocument(): Document {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of ROUTES) {
    const { path, method } = route.spec;
    paths[path] = { ...paths[path], [method]: operationOf(route) };
  }
  paths['/v1/providers/{provider}/webhooks'] = { post: webhook };
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Tenor',
        version: '1',
        description:
          'Subscription billing where every contract is one durable workflow. Amounts are texts; quantities are ' +
          'texts or numbers of up to 15 significant digits, and are answered as texts with the digits that were ' +
          'sent. Every error is a problem with a stable code: see [/errors](/errors).\n\n' +
          'Before its first order a merchant makes an issuer, a tax policy, a plan group, a plan and a variant, in this order.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ apiKey: [] }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths,
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key, `tnr_live_…` or `tnr_test_…`.',
          },
        },
      },
    },
    {
      // Answers may get further fields; only requests are closed.
      override: ({ jsonSchema, io }) => {
        if (io === 'output') delete jsonSchema.additionalProperties;
        // The bounds of every whole number say nothing, and pages show them as examples.
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    },
  );
}

/** The document as it is committed. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}
