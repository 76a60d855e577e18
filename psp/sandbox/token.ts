import { z } from 'zod';
import { dateAt, localDate, zone } from '../../domain/arithmetic/calendar.ts';
import { DECLINE_REASONS, type DeclineReason } from '../port.ts';

/**
 * The behaviour of a sandbox payment method, as its token says it: a kind, and options that are separated by semicolons.
 *
 *   card                                        succeeds at once
 *   debit                                       the same, as a direct debit
 *   card;decline=insufficient_funds             always declines
 *   card;decline_on=2024-06-01:card_expired     declines on that day (may be repeated), else succeeds
 *   card;zone=Europe/Berlin                     the zone of the days above; UTC otherwise
 *   debit;pending_days=3                        pending, and succeeds by an event three days later
 *   debit;pending_days=3;then=declined:account_closed   pending, and declines by an event
 *   card;requires_action                        waits until the customer confirms (`complete`)
 *   card;late=charged                           no answer in time, but charged, as a look-up says
 *   card;late=not_charged                       no answer in time, and not charged, as a look-up says
 *   card;chargeback_days=30                     succeeds, and is charged back thirty days later
 */
export interface SandboxMethod {
  readonly kind: 'card' | 'debit';
  readonly decline?: DeclineReason;
  /** The reasons for which the method declines, by local date of `zone`. */
  readonly declineOn: Readonly<Record<string, DeclineReason>>;
  readonly zone: string;
  readonly pendingDays?: number;
  /** The reason with which a pending charge is declined; without one, it succeeds. */
  readonly endsDeclined?: DeclineReason;
  readonly requiresAction: boolean;
  readonly late?: 'charged' | 'not_charged';
  readonly chargebackDays?: number;
}

/** The immediate result of a charge at an instant. */
export type Behaviour =
  | { readonly kind: 'succeed' }
  | { readonly kind: 'decline'; readonly reason: DeclineReason }
  | { readonly kind: 'pend'; readonly days: number }
  | { readonly kind: 'ask_customer' }
  | { readonly kind: 'no_answer'; readonly charged: boolean };

const MAX_TOKEN = 500;
const reason = z.enum(DECLINE_REASONS);
const days = z
  .string()
  .regex(/^[1-9]\d{0,2}$/)
  .transform(Number);

const options = z
  .strictObject({
    decline: reason.optional(),
    zone: z.string().transform(zone).default('UTC'),
    pending_days: days.optional(),
    pending_ends: z.string().startsWith('declined:', 'then must be declined:<reason>').optional(),
    requires_action: z.literal('').optional(),
    late: z.enum(['charged', 'not_charged']).optional(),
    chargeback_days: days.optional(),
  })
  .refine((o) => o.pending_ends === undefined || o.pending_days !== undefined, 'then needs pending_days')
  .refine(
    (o) => [o.pending_days, o.requires_action, o.late].filter((one) => one !== undefined).length <= 1,
    'only one of pending_days, requires_action and late can happen',
  );

/**
 * Parses a token.
 * @throws Error that says what is wrong with the token
 */
export function parseToken(token: string): SandboxMethod {
  if (token.length > MAX_TOKEN) throw new Error('the token is too long');
  const [kind, ...parts] = token.split(';');
  if (kind !== 'card' && kind !== 'debit') throw new Error('the token must begin with card or debit');
  const given = new Map<string, string>();
  const declineOn: Record<string, DeclineReason> = {};
  for (const part of parts) {
    const [word = '', value = ''] = splitOnce(part, '=');
    // An object with a member `then` would be taken for a promise.
    const name = word === 'then' ? 'pending_ends' : word;
    if (name === 'decline_on') {
      const [date = '', why = ''] = splitOnce(value, ':');
      declineOn[localDate(date)] = reason.parse(why);
    } else if (given.has(name)) {
      throw new Error(`${name} is given twice`);
    } else {
      given.set(name, value);
    }
  }
  const read = options.parse(Object.fromEntries(given));
  const ends = read.pending_ends?.slice('declined:'.length);
  return {
    kind,
    declineOn,
    zone: read.zone,
    requiresAction: read.requires_action !== undefined,
    ...(read.decline !== undefined && { decline: read.decline }),
    ...(read.pending_days !== undefined && { pendingDays: read.pending_days }),
    ...(ends !== undefined && { endsDeclined: reason.parse(ends) }),
    ...(read.late !== undefined && { late: read.late }),
    ...(read.chargeback_days !== undefined && { chargebackDays: read.chargeback_days }),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Null if the token is valid, else a sentence that says what is wrong with it. */
export function checkToken(token: string): string | null {
  try {
    parseToken(token);
    return null;
  } catch (error) {
    if (error instanceof z.ZodError) {
      return error.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ');
    }
    return error instanceof Error ? error.message : 'the token is invalid';
  }
}

/** The behaviour of the method at an instant of the customer's clock. Declines come before all else. */
export function behaviourAt(method: SandboxMethod, at: string): Behaviour {
  const declined = method.decline ?? method.declineOn[dateAt(at, method.zone)];
  if (declined !== undefined) return { kind: 'decline', reason: declined };
  if (method.late !== undefined) return { kind: 'no_answer', charged: method.late === 'charged' };
  if (method.requiresAction) return { kind: 'ask_customer' };
  if (method.pendingDays !== undefined) return { kind: 'pend', days: method.pendingDays };
  return { kind: 'succeed' };
}
