import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bigint, instant, text, truth } from '../../db/platform/columns.ts';
import type { Db } from '../../db/platform/pool.ts';
import { type RowOf, statement } from '../../db/platform/statement.ts';
import { PREFIX } from '../../temporal/ids.ts';
import { DECLINE_REASONS, type ChargeRequest, type DeclineReason, type Outcome } from '../port.ts';
import { type EventBody, eventBody, eventType } from './webhook.ts';

const intent = {
  id: text,
  merchant_id: text,
  clock_id: text.nullable(),
  token: text,
  amount_minor: bigint,
  currency: text,
  state: z.enum(['prepared', 'succeeded', 'pending', 'requires_action', 'declined']),
  reason: z.enum(DECLINE_REASONS).nullable(),
};

/** A charge in the sandbox's books: prepared, then executed once. */
export type Intent = RowOf<typeof intent>;

const insertIntent = statement('insertSandboxIntent', {
  sql: `
    insert into sandbox.intents (id, key, merchant_id, clock_id, token, amount_minor, currency, state, prepared_at)
    values (:id, :key, :merchant, :clock, :token, :amount, :currency, 'prepared', :at)
    on conflict (key) do nothing`,
  params: {
    id: 'text',
    key: 'text',
    merchant: 'text',
    clock: 'text?',
    token: 'text',
    amount: 'bigint',
    currency: 'text',
    at: 'timestamptz',
  },
});

const selectByKey = statement('sandboxIntentOfKey', {
  sql: `
    select id, amount_minor = :amount and currency = :currency and token = :token as same
    from sandbox.intents where key = :key`,
  params: { key: 'text', amount: 'bigint', currency: 'text', token: 'text' },
  row: { id: text, same: truth },
});

/**
 * Prepares an intent under the attempt's id as its key. Returns the id of the intent with this key, and whether it is for
 * the same charge.
 */
export async function prepareIntent(db: Db, request: ChargeRequest): Promise<{ id: string; same: boolean }> {
  const { attemptId: key, amountMinor: amount, currency, token } = request;
  await insertIntent.run(db, {
    id: `sbi_${randomUUID()}`,
    key,
    merchant: request.merchantId,
    clock: request.clockId,
    token,
    amount,
    currency,
    at: request.at,
  });
  return selectByKey.row(db, { key, amount, currency, token });
}

const INTENT = `
  select id, merchant_id, clock_id, token, amount_minor, currency, state, reason
  from sandbox.intents
  where id = :intent`;

const selectIntent = statement('sandboxIntent', { sql: INTENT, params: { intent: 'text' }, row: intent });

const lockIntent = statement('lockSandboxIntent', {
  sql: `${INTENT} for no key update`,
  params: { intent: 'text' },
  row: intent,
});

/** Loads an intent. `lock` locks its row until the transaction ends, so that money moves once. */
export function findIntent(db: Db, id: string, lock = false): Promise<Intent | null> {
  return (lock ? lockIntent : selectIntent).maybeRow(db, { intent: id });
}

/** The outcome of an intent; null if it was never executed. */
export function outcomeOf(intent: Intent): Outcome | null {
  const { state } = intent;
  if (state === 'prepared') return null;
  if (state === 'declined') return { state, reason: intent.reason ?? 'other' };
  if (state === 'requires_action')
    return { state, actionUrl: `https://sandbox.invalid/confirm/${intent.id}` };
  return { state };
}

const selectAnswered = statement('isSandboxIntentAnswered', {
  sql: `
    select exists (
      select from sandbox.events where intent_id = :intent and type in ('succeeded', 'declined')) as answered`,
  params: { intent: 'text' },
  row: { answered: truth },
});

/** Whether the customer has confirmed or declined an intent. The event of it may not be delivered yet. */
export async function isAnswered(db: Db, intentId: string): Promise<boolean> {
  const { answered } = await selectAnswered.row(db, { intent: intentId });
  return answered;
}

const updateState = statement('setStateOfSandboxIntent', {
  sql: `
    update sandbox.intents set state = :state, reason = :reason, executed_at = coalesce(executed_at, :at)
    where id = :intent`,
  params: { intent: 'text', state: 'text', reason: 'text?', at: 'timestamptz' },
});

export async function setState(
  db: Db,
  intent: Intent,
  state: Intent['state'],
  at: string,
  reason: DeclineReason | null = null,
): Promise<void> {
  await updateState.run(db, { intent: intent.id, state, reason, at });
}

const movement = {
  providerObject: text,
  kind: z.enum(['charge', 'refund', 'chargeback']),
  amountMinor: bigint,
  currency: text,
  movedAt: instant,
};

/** A movement of money for an intent. */
export type Movement = RowOf<typeof movement>;

const insertMovement = statement('insertSandboxMovement', {
  sql: `
    insert into sandbox.movements (intent_id, kind, key, amount_minor, moved_at)
    values (:intent, :kind, :key, :amount, :at)`,
  params: { intent: 'text', kind: 'text', key: 'text?', amount: 'bigint', at: 'timestamptz' },
});

export async function move(
  db: Db,
  intentId: string,
  kind: Movement['kind'],
  amountMinor: bigint,
  at: string,
  key: string | null = null,
): Promise<void> {
  await insertMovement.run(db, { intent: intentId, kind, key, amount: amountMinor, at });
}

const rest = { left: bigint, refunded: truth, charged_back: truth };

const selectRest = statement('restOfSandboxIntent', {
  sql: `
    select coalesce(sum(case when kind = 'charge' then amount_minor else -amount_minor end), 0)::bigint as left,
      coalesce(bool_or(key = :key), false) as refunded, coalesce(bool_or(kind = 'chargeback'), false) as charged_back
    from sandbox.movements where intent_id = :intent`,
  params: { intent: 'text', key: 'text' },
  row: rest,
});

/** The money that is left of an intent, in minor units, and whether it had a refund under that key, or a chargeback. */
export function leftOf(db: Db, intentId: string, key: string): Promise<RowOf<typeof rest>> {
  return selectRest.row(db, { intent: intentId, key });
}

const selectNow = statement('nowOfSandboxIntent', {
  sql: `
    select coalesce(
      (select now_at from test_clocks where merchant_id = :merchant and id = :clock), clock_timestamp()) as now_at`,
  params: { merchant: 'text', clock: 'text?' },
  row: { now_at: instant },
});

/** Now for an intent: by its test clock, or wall time. */
export async function nowOf(db: Db, intent: Intent): Promise<string> {
  const { now_at } = await selectNow.row(db, { merchant: intent.merchant_id, clock: intent.clock_id });
  return now_at;
}

const insertEvent = statement('scheduleSandboxEvent', {
  sql: `
    with event as (
      insert into sandbox.events (id, merchant_id, intent_id, type, due_at, body)
      values (:event, :merchant, :intent, :type, :due, :body))
    insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
    values (:agenda, :merchant, 'provider_event', :clock, :due)`,
  params: {
    event: 'text',
    merchant: 'text',
    intent: 'text',
    type: 'text',
    due: 'timestamptz',
    body: 'jsonb',
    agenda: 'text',
    clock: 'text?',
  },
});

/** Stores an event that happens later, with its agenda row, in the caller's transaction. Returns the event's id. */
export async function schedule(
  db: Db,
  intent: Intent,
  type: EventBody['type'],
  dueAt: string,
  reason?: DeclineReason,
): Promise<string> {
  const id = `sbe_${randomUUID()}`;
  const body: EventBody = {
    id,
    merchant_id: intent.merchant_id,
    object: intent.id,
    type,
    ...(reason !== undefined && { reason }),
    at: dueAt,
  };
  await insertEvent.run(db, {
    event: id,
    merchant: intent.merchant_id,
    intent: intent.id,
    type,
    due: dueAt,
    body,
    agenda: PREFIX.sandboxEvent + id,
    clock: intent.clock_id,
  });
  return id;
}

const sandboxEvent = {
  id: text,
  merchant_id: text,
  intent_id: text,
  type: eventType,
  due_at: instant,
  body: eventBody,
  delivered_at: instant.nullable(),
};
export type SandboxEvent = RowOf<typeof sandboxEvent>;

const selectEvent = statement('sandboxEvent', {
  sql: `
    select id, merchant_id, intent_id, type, due_at, body, delivered_at
    from sandbox.events where id = :event`,
  params: { event: 'text' },
  row: sandboxEvent,
});

export function findEvent(db: Db, id: string): Promise<SandboxEvent | null> {
  return selectEvent.maybeRow(db, { event: id });
}

const updateDelivered = statement('deliverSandboxEvent', {
  sql: `
    with done as (update sandbox.events set delivered_at = clock_timestamp() where id = :event)
    delete from agenda where workflow_id = :agenda`,
  params: { event: 'text', agenda: 'text' },
});

/** Stores that an event's webhook was answered, and deletes its agenda row. */
export async function storeDelivered(db: Db, eventId: string): Promise<void> {
  await updateDelivered.run(db, { event: eventId, agenda: PREFIX.sandboxEvent + eventId });
}

const selectMovements = statement('sandboxMovements', {
  sql: `
    select m.intent_id as "providerObject", m.kind, m.amount_minor as "amountMinor", i.currency, m.moved_at as "movedAt"
    from sandbox.movements m
    join sandbox.intents i on i.id = m.intent_id
    where i.merchant_id = :merchant
    order by m.id`,
  params: { merchant: 'text' },
  row: movement,
});

/** All movements of money for a merchant, in order. Tests compare Tenor's books with them. */
export function sandboxBooks(db: Db, merchantId: string): Promise<Movement[]> {
  return selectMovements.rows(db, { merchant: merchantId });
}
