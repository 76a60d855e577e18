import { addDaysAtSameTime } from '../../domain/arithmetic/calendar.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import type { ChargeRequest, DeclineReason, Outcome, PaymentProvider } from '../port.ts';
import {
  type Intent,
  type SandboxEvent,
  findEvent,
  findIntent,
  isAnswered,
  leftOf,
  move,
  nowOf,
  outcomeOf,
  prepareIntent,
  schedule,
  setState,
  storeDelivered,
} from './books.ts';
import { type Behaviour, type SandboxMethod, behaviourAt, checkToken, parseToken } from './token.ts';
import { readWebhook, signedHeaders } from './webhook.ts';

/** The sandbox as a provider, with the operations that only a sandbox has. */
export interface Sandbox extends PaymentProvider {
  /**
   * Applies an event to the books, once, and sends its webhook. True if the webhook was answered 2xx; its agenda row is
   * then deleted. False if it was not; the event stays on the agenda, to be delivered again.
   */
  deliverSandboxEvent(eventId: string): Promise<boolean>;
  /** Confirms a charge that requires an action, or declines it for a reason. Returns the event's id, which is due at once. */
  complete(providerObject: string, reason?: DeclineReason): Promise<string>;
}

export interface SandboxOptions {
  readonly pool: Pool;
  /** The full address to which webhooks are sent, such as `http://127.0.0.1:3000/v1/providers/sandbox/webhooks`. */
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly fetch?: typeof fetch;
  /** Wall time in milliseconds, with which signatures are made and checked. */
  readonly wallNow?: () => number;
}

const DELIVERY_TIMEOUT_MS = 10_000;

/**
 * A provider for test merchants with books of its own (schema `sandbox`, in transactions of its own), so that tests
 * can count what was really charged. The token of a payment method says how it behaves: see `token.ts`.
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { pool, webhookSecret, wallNow = Date.now } = options;
  return {
    name: 'sandbox',
    capabilities: { mode: 'immediate', refunds: true, chargebacks: true },
    checkToken,
    prepare: (request) => prepare(pool, request),
    execute: (request, providerObject) => inTransaction(pool, (tx) => execute(tx, request, providerObject)),
    async lookup(providerObject) {
      return outcomeOf(await known(findIntent(pool, providerObject)));
    },
    refund: (providerObject, amountMinor, key) =>
      inTransaction(pool, (tx) => refund(tx, providerObject, amountMinor, key)),
    parseWebhook: (rawBody, headers) => readWebhook(webhookSecret, rawBody, headers, wallNow() / 1000),
    complete: (providerObject, reason) =>
      inTransaction(pool, (tx) => completeAction(tx, providerObject, reason)),
    deliverSandboxEvent: (eventId) => deliver(options, wallNow, eventId),
  };
}

async function known<T>(found: Promise<T | null>): Promise<T> {
  const value = await found;
  if (value === null) throw new Error('the sandbox has no such object');
  return value;
}

async function prepare(pool: Pool, request: ChargeRequest): Promise<{ providerObject: string }> {
  parseToken(request.token);
  const found = await prepareIntent(pool, request);
  if (!found.same) throw new Error('the idempotency key was used for another charge');
  return { providerObject: found.id };
}

/** Executes an intent under its lock. If it was executed before, no money moves, and its outcome is returned. */
async function execute(tx: Tx, request: ChargeRequest, providerObject: string): Promise<Outcome> {
  const intent = await known(findIntent(tx, providerObject, true));
  const before = outcomeOf(intent);
  if (before !== null) return before;
  const method = parseToken(intent.token);
  const behaviour = behaviourAt(method, request.at);
  await behave(tx, intent, method, behaviour, request.at);
  if (behaviour.kind === 'no_answer') return { state: 'unknown' };
  return outcomeOf(await known(findIntent(tx, providerObject))) ?? { state: 'unknown' };
}

async function behave(
  tx: Tx,
  intent: Intent,
  method: SandboxMethod,
  behaviour: Behaviour,
  at: string,
): Promise<void> {
  switch (behaviour.kind) {
    case 'succeed':
      return succeed(tx, intent, at);
    case 'decline':
      return setState(tx, intent, 'declined', at, behaviour.reason);
    case 'ask_customer':
      return setState(tx, intent, 'requires_action', at);
    case 'no_answer':
      return behaviour.charged ? succeed(tx, intent, at) : setState(tx, intent, 'declined', at, 'other');
    case 'pend': {
      const due = addDaysAtSameTime(at, behaviour.days, method.zone);
      const type = method.endsDeclined === undefined ? 'succeeded' : 'declined';
      await schedule(tx, intent, type, due, method.endsDeclined);
      return setState(tx, intent, 'pending', at);
    }
  }
}

async function succeed(tx: Tx, intent: Intent, at: string): Promise<void> {
  await setState(tx, intent, 'succeeded', at);
  await move(tx, intent.id, 'charge', intent.amount_minor, at);
  const method = parseToken(intent.token);
  if (method.chargebackDays !== undefined) {
    const due = addDaysAtSameTime(at, method.chargebackDays, method.zone);
    await schedule(tx, intent, 'chargeback', due);
  }
}

async function refund(
  tx: Tx,
  providerObject: string,
  amountMinor: bigint,
  key: string,
): Promise<{ state: 'succeeded' | 'declined' }> {
  const intent = await known(findIntent(tx, providerObject, true));
  const { left, refunded } = await leftOf(tx, intent.id, key);
  if (refunded) return { state: 'succeeded' };
  if (amountMinor <= 0n || amountMinor > left) return { state: 'declined' };
  await move(tx, intent.id, 'refund', amountMinor, await nowOf(tx, intent), key);
  return { state: 'succeeded' };
}

async function completeAction(tx: Tx, providerObject: string, reason?: DeclineReason): Promise<string> {
  const intent = await known(findIntent(tx, providerObject, true));
  if (intent.state !== 'requires_action' || (await isAnswered(tx, intent.id))) {
    throw new Error('nothing waits for the customer');
  }
  return schedule(
    tx,
    intent,
    reason === undefined ? 'succeeded' : 'declined',
    await nowOf(tx, intent),
    reason,
  );
}

async function deliver(
  { pool, webhookUrl, webhookSecret, fetch: send = fetch }: SandboxOptions,
  wallNow: () => number,
  eventId: string,
): Promise<boolean> {
  // The books come first, in a transaction of their own, so that a look-up is correct even if the webhook gets lost.
  const event = await inTransaction(pool, (tx) => applyEvent(tx, eventId));
  if (event === null || event.delivered_at !== null) return true;
  const body = JSON.stringify(event.body);
  const answered = await send(webhookUrl, {
    method: 'POST',
    body,
    headers: signedHeaders(webhookSecret, body, wallNow() / 1000),
    signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
  }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
  if (answered) await storeDelivered(pool, eventId);
  return answered;
}

async function applyEvent(tx: Tx, eventId: string): Promise<SandboxEvent | null> {
  const found = await findEvent(tx, eventId);
  if (found === null || found.delivered_at !== null) return found;
  const intent = await known(findIntent(tx, found.intent_id, true));
  const waits = intent.state === 'pending' || intent.state === 'requires_action';
  if (found.type === 'succeeded' && waits) await succeed(tx, intent, found.due_at);
  if (found.type === 'declined' && waits) {
    await setState(tx, intent, 'declined', found.due_at, found.body.reason ?? 'other');
  }
  if (found.type === 'chargeback') {
    const { left, charged_back } = await leftOf(tx, intent.id, '');
    if (!charged_back && left > 0n) await move(tx, intent.id, 'chargeback', left, found.due_at);
  }
  return found;
}
