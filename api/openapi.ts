import { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, createDocument } from 'zod-openapi';
import { EVENTS, EVENT_TYPES } from '../domain/events/catalogue.ts';
import { AREAS } from '../domain/parties/scopes.ts';
import { ERROR_CODES } from './errors.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes/index.ts';
import { pageQuery } from './schemas/common.ts';
import { exampleOf } from './schemas/event-examples.ts';
import { EVENT_SCHEMAS, nameOf } from './schemas/events.ts';

/** The description of each tag, in the order of the reference page. */
const TAGS: Readonly<Record<string, string>> = {
  Issuers:
    'The legal entities that issue invoices. Each has two number series, for invoices and for credit notes.',
  'Tax policies': 'Tax rates by country, each valid from a first day.',
  Catalogue:
    'Plan groups, plans, variants and components. A published version never changes; a change is a new version.',
  Customers: 'The persons and companies that are billed. Personal data is stored only in the vault.',
  'Billing accounts':
    'The accounts of a customer, each for one issuer and one currency, with their entries, balances and receipts.',
  'Payment methods': 'Cards and bank accounts of customers, named by the tokens of their payment providers.',
  Orders: 'An order creates a contract for a new or an existing customer. It can be previewed.',
  Contracts: 'Contracts, and the commands that change them. Each command can be previewed.',
  'One-time charges': 'Charges and credits that are billed once, now or with the next invoice.',
  Usage: 'Reports of usage of metered components, and their totals by period.',
  Invoices: 'Invoices and credit notes, with an explanation of the amount of each line.',
  Payments: 'Payments, and the attempts to collect them.',
  Events: 'Everything that happened and that a merchant must know, in the order in which it was written.',
  Mails:
    'Mails to customers and operators, their templates, and the addresses of operators. The addresses of customers are a part of the ' +
    'customer.',
  'API keys': 'Keys for this API. A key has scopes: levels of access, for everything or for single areas.',
  Incidents: 'Steps of contracts and collections that failed, with the reason and advice.',
  'Test clocks': 'Clocks of test merchants, which move only when they are advanced.',
  'Webhook endpoints': 'Addresses to which Tenor sends events, and the log of what was sent.',
  Webhooks: 'The address to which payment providers send their events.',
};

type Document = ReturnType<typeof createDocument>;

const problemSchema = z
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
  if (produces !== 'application/pdf') {
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

function operationOf(route: Route): ZodOpenApiOperationObject {
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

/** The route of webhooks. Providers sign their requests, so it needs no API key. */
const webhook: ZodOpenApiOperationObject = {
  operationId: 'postProviderWebhook',
  tags: ['Webhooks'],
  summary: "Receive a provider's webhook",
  description:
    'The provider signs its request, so no API key is needed. An event counts once, however often it is delivered.',
  security: [],
  requestParams: { path: z.object({ provider: z.string() }) },
  requestBody: {
    required: true,
    content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } },
  },
  responses: {
    '200': {
      description: 'The event is recorded.',
      content: { 'application/json': { schema: z.object({ received: z.boolean() }) } },
    },
    ...Object.fromEntries(
      ['invalid_webhook', 'invalid_signature', 'not_found', 'payload_too_large', 'unavailable'].map(
        (code) => [
          `${ERROR_CODES[code]?.[0] ?? 400}`,
          {
            description: `\`${code}\`: ${code === 'not_found' ? 'No provider has this name.' : (ERROR_CODES[code]?.[1] ?? '')}`,
            content: { 'application/problem+json': { schema: problemSchema } },
          },
        ],
      ),
    ),
  },
};

/** The webhooks that Tenor sends, each with an example. */
function webhooksOut(): ZodOpenApiPathsObject {
  const sent = EVENT_TYPES.map((type): [string, ZodOpenApiPathsObject[string]] => [
    type,
    {
      post: {
        operationId: `on${nameOf(type)}`,
        tags: ['Events'],
        summary: EVENTS[type],
        description: 'The body also has `timestamp`, which is `recorded_at`.',
        security: [],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: EVENT_SCHEMAS[type], example: exampleOf(type) } },
        },
        responses: { '2XX': { description: 'The event is received. Any other answer is a failure.' } },
      },
    },
  ]);
  return Object.fromEntries(sent);
}

/** Creates the OpenAPI 3.1 document from the schemas that validate requests. */
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
          'Tenor is subscription billing in which every contract is one durable workflow.\n\n' +
          'Amounts are texts. Quantities are texts, or numbers of up to 15 significant digits, and are answered as texts ' +
          'with the digits that were sent. Every error is a problem with a stable code: see [/errors](/errors).\n\n' +
          'Before its first order, a merchant creates an issuer, a tax policy, a plan group, a plan and a variant, in this ' +
          'order.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ apiKey: [] }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths,
      webhooks: webhooksOut(),
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
      // Answers may get further fields in later versions. Requests accept no unknown fields.
      override: ({ jsonSchema, io }) => {
        if (io === 'output') delete jsonSchema.additionalProperties;
        // The bounds of safe integers are useless to readers, and pages show them as examples.
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    },
  );
}

/** The text of the OpenAPI document, as committed in `openapi.json`. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}
