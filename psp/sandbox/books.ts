import { randomUUID } from 'node:crypto';
import { type Db, maybeRow, row, rows } from '../../db/platform/pool.ts';
import type { DeclineReason, Outcome } from '../port.ts';
import type { EventBody } from './webhook.ts';
import { PREFIX } from '../../temporal/ids.ts';

/** A charge in the sandbox's books: prepared, then executed once. */
export interface Intent {
  readonly id: string;
  readonly merchant_id: string;
  readonly clock_id: string | null;
  readonly token: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly state: 'prepared' | 'succeeded' | 'pending' | 'requires_action' | 'declined';
  readonly reason: DeclineReason | null;
}

export interface SandboxEvent {
  readonly id: string;
  readonly merchant_id: string;
  readonly intent_id: string;
  readonly type: EventBody['type'];
  readonly due_at: string;
  readonly body: EventBody;
  readonly delivered_at: string | null;
}

/** What moved for one intent. */
export interface Movement {
  readonly providerObject: string;
  readonly kind: 'charge' | 'refund' | 'chargeback';
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly movedAt: string;
}

/** Reads an intent; `lock` keeps its row until the transaction ends, so that money moves once. */
export function findIntent(db: Db, id: string, lock = false): Promise<Intent | null> {
  return maybeRow<Intent>(
    db,
    `select id, merchant_id, clock_id, token, amount_minor, currency, state, reason
     from sandbox.intents where id = $1 ${lock ? 'for no key update' : ''}`,
    [id],
  );
}

/** How an intent stands, in the port's words; null while it was never executed. */
export function outcomeOf(intent: Intent): Outcome | null {
  const { state } = intent;
  if (state === 'prepared') return null;
  if (state === 'declined') return { state, reason: intent.reason ?? 'other' };
  if (state === 'requires_action')
    return { state, actionUrl: `https://sandbox.invalid/confirm/${intent.id}` };
  return { state };
}

/** Whether the customer has answered what an intent asked, and the word of it is under way. */
export async function isAnswered(db: Db, intentId: string): Promise<boolean> {
  const { answered } = await row<{ answered: boolean }>(
    db,
    `select exists (select from sandbox.events where intent_id = $1 and type in ('succeeded', 'declined')) as answered`,
    [intentId],
  );
  return answered;
}

export async function setState(
  db: Db,
  intent: Intent,
  state: Intent['state'],
  at: string,
  reason: DeclineReason | null = null,
): Promise<void> {
  await rows(
    db,
    `update sandbox.intents set state = $2, reason = $3, executed_at = coalesce(executed_at, $4) where id = $1`,
    [intent.id, state, reason, at],
  );
}

export async function move(
  db: Db,
  intentId: string,
  kind: Movement['kind'],
  amountMinor: bigint,
  at: string,
  key: string | null = null,
): Promise<void> {
  await rows(
    db,
    `insert into sandbox.movements (intent_id, kind, key, amount_minor, moved_at) values ($1, $2, $3, $4, $5)`,
    [intentId, kind, key, amountMinor, at],
  );
}

/** The rest of an intent's money, in minor units, and whether a refund of that key was made. */
export function leftOf(
  db: Db,
  intentId: string,
  key: string,
): Promise<{ left: bigint; refunded: boolean; charged_back: boolean }> {
  return row(
    db,
    `select coalesce(sum(case when kind = 'charge' then amount_minor else -amount_minor end), 0)::bigint as left,
       coalesce(bool_or(key = $2), false) as refunded, coalesce(bool_or(kind = 'chargeback'), false) as charged_back
     from sandbox.movements where intent_id = $1`,
    [intentId, key],
  );
}

/** Puts something that happens later into the books and onto the agenda, in the caller's transaction. */
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
  await rows(
    db,
    `with event as (insert into sandbox.events (id, merchant_id, intent_id, type, due_at, body) values ($1, $2, $3, $4, $5, $6))
     insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at) values ('${PREFIX.sandboxEvent}' || $1, $2, 'provider_event', $7, $5)`,
    [id, intent.merchant_id, intent.id, type, dueAt, JSON.stringify(body), intent.clock_id],
  );
  return id;
}

/** All money that really moved for a merchant, in the order in which it did: what tests count. */
export async function sandboxBooks(db: Db, merchantId: string): Promise<Movement[]> {
  return rows<Movement>(
    db,
    `select m.intent_id as "providerObject", m.kind, m.amount_minor as "amountMinor", i.currency, m.moved_at as "movedAt"
     from sandbox.movements m join sandbox.intents i on i.id = m.intent_id where i.merchant_id = $1 order by m.id`,
    [merchantId],
  );
}
