import { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, createDocument } from 'zod-openapi';
import { EVENTS, EVENT_TYPES } from '../domain/events/catalogue.ts';
import { ERROR_CODES } from './errors.ts';
import { operationOf, problemSchema } from './openapi-operation.ts';
import { ROUTES } from './routes/index.ts';
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

/** The route to which providers send webhooks. They sign their requests, so it needs no API key. */
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
