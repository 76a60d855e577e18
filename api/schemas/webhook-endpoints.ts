import { z } from 'zod';
import { DELIVERY_STATES } from '../../db/webhooks/deliveries.ts';
import { EVENT_TYPES } from '../../domain/events/catalogue.ts';
import { id, idOut, instant, instantOut, text } from './common.ts';

const url = text(2_000).meta({
  description:
    'The URL to which Tenor sends a POST request for each event. It must be an https URL of a public address, without a user, a ' +
    'password or a fragment.',
  example: 'https://shop.example/hooks/tenor',
});
const description = text(200).nullable().meta({ description: 'A note for people.', example: 'Shop' });
const eventTypes = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .max(EVENT_TYPES.length)
  .nullable()
  .meta({ description: 'The types of events to send. Null for all.', example: ['invoice.paid'] });

export const newEndpoint = z
  .strictObject({ url, description: description.default(null), event_types: eventTypes.default(null) })
  .meta({
    id: 'NewWebhookEndpoint',
    example: { url: 'https://shop.example/hooks/tenor', event_types: ['invoice.finalised', 'invoice.paid'] },
  });

export const endpointChange = z
  .strictObject({
    url: url.exactOptional(),
    description: description.exactOptional(),
    event_types: eventTypes.exactOptional(),
    enabled: z.boolean().exactOptional().meta({
      description: 'False: nothing is sent, and events wait. True: everything that waited is sent, in order.',
    }),
  })
  .meta({ id: 'WebhookEndpointChange', example: { enabled: true } });

export const secretRotation = z
  .strictObject({
    hours: z
      .int()
      .min(0)
      .max(720)
      .default(24)
      .meta({ description: 'For how many hours webhooks are also signed by the old secret.' }),
  })
  .meta({ id: 'WebhookSecretRotation', example: { hours: 24 } });

export const endpointOut = z
  .object({
    id: idOut,
    url: z.string(),
    description: z.string().nullable(),
    event_types: z.array(z.string()).readonly().nullable(),
    state: z.enum(['enabled', 'disabled']),
    disabled_because: z.enum(['failing', 'gone', 'merchant']).nullable().meta({
      description:
        '`failing`: it accepted nothing for three days. `gone`: it answered 410. `merchant`: it was disabled by a request.',
    }),
    failing_since: instantOut.nullable().meta({
      description:
        'When the first failure since the last accepted webhook happened. Null if the endpoint works.',
    }),
    accepted_at: instantOut
      .nullable()
      .meta({ description: 'When it last accepted a webhook, to the minute.' }),
    old_secret_until: instantOut
      .nullable()
      .meta({ description: 'Until when webhooks are also signed by the previous secret.' }),
    created_at: instantOut,
  })
  .meta({ id: 'WebhookEndpoint' });

export const endpointWithSecretOut = endpointOut
  .extend({
    secret: z
      .string()
      .nullable()
      .meta({
        description:
          'The secret that signs the webhooks, `whsec_…`. It is shown only once: null if the answer is repeated under its ' +
          'Idempotency-Key.',
      }),
  })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const deliveryState = z.enum(DELIVERY_STATES);

const deliveryFields = {
  endpoint: idOut,
  event: idOut.meta({ description: 'The id of the event, and of all tries to send it (`webhook-id`).' }),
  type: z.string(),
  object: idOut.meta({ description: 'The object that the event is about.' }),
  sequence: z.int().meta({ description: 'The number of the event among those of its object.' }),
  state: deliveryState.meta({
    description:
      '`waiting`: it will be sent, or sent again. `delivered`: the endpoint accepted it. `dead`: the endpoint did not accept it for ' +
      'three days, but accepted others.',
  }),
  next_try_at: instantOut.nullable().meta({
    description:
      'When it is sent next. It is sent later if the endpoint is disabled or rests, or if an earlier event of the object waits.',
  }),
  tries: z.int(),
  first_tried_at: instantOut.nullable(),
  done_at: instantOut.nullable(),
};

export const deliveryOut = z.object(deliveryFields).meta({ id: 'WebhookDelivery' });

export const deliveryWithLogOut = z
  .object({
    ...deliveryFields,
    log: z
      .array(
        z
          .object({
            at: instantOut,
            duration_ms: z.int(),
            status: z
              .int()
              .nullable()
              .meta({ description: 'The HTTP status of the answer; null without one.' }),
            error: z
              .string()
              .nullable()
              .meta({ description: 'Why the try failed; null if it was accepted.' }),
            answer: z.string().nullable().meta({ description: 'The first 500 bytes of the answer.' }),
          })
          .meta({ id: 'WebhookTry' }),
      )
      .readonly()
      .meta({ description: 'The newest 100 tries, oldest first.' }),
  })
  .meta({ id: 'WebhookDeliveryWithLog' });

/** The path parameters of a delivery. */
export const deliveryParams = z.strictObject({ id, event: id });

export const replay = z
  .strictObject({
    dead: z.literal(true).exactOptional(),
    from: instant.exactOptional(),
    to: instant.exactOptional(),
  })
  .refine(({ dead, from }) => (dead === undefined) !== (from === undefined), {
    path: ['from'],
    message: 'either dead or a span, from and to, must be given',
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    path: ['to'],
    message: 'must be given together with from',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({
    id: 'WebhookReplay',
    description:
      'All dead events (`dead: true`), or all delivered and dead ones that were recorded from `from` on and before `to`.',
    example: { dead: true },
  });

export const replayedOut = z
  .object({
    replayed: z
      .int()
      .meta({ description: 'How many events are sent again. If it is 10,000, repeat the request.' }),
  })
  .meta({ id: 'WebhooksReplayed' });
