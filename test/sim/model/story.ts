import { bill } from '../model.ts';
import type {
  BilledLine,
  Body,
  Booking,
  Command,
  Component,
  Interval,
  Life,
  Usage,
  Variant,
} from '../model.ts';
import { documentsOf } from './taxes.ts';
import type { PriceMode } from './taxes.ts';

const MONTH: Interval = { unit: 'month', count: 1 };
export const YEAR: Interval = { unit: 'year', count: 1 };

export const variant = (id: string, more: Partial<Variant> = {}): Variant => ({
  id,
  fee: null,
  feeInterval: MONTH,
  billingInterval: MONTH,
  trial: null,
  setupFee: null,
  proration: 'days',
  creditOnPause: false,
  creditOnCancel: true,
  term: null,
  renewal: null,
  notice: null,
  components: [],
  ...more,
});

export const component = (id: string, price: string, more: Partial<Component> = {}): Component => ({
  id,
  kind: 'bookable',
  model: { kind: 'simple', price },
  included: null,
  cap: null,
  interval: MONTH,
  mode: 'pre_paid',
  standalone: false,
  ...more,
});

export const metered = (price: string, more: Partial<Component> = {}): Component =>
  component('meter', price, { kind: 'metered', mode: 'post_paid', aggregation: 'sum', ...more });

/** A booking's subscription is named after its component. */
export const book = (id: string, quantity = '1', more: Partial<Booking> = {}): Booking => ({
  component: id,
  quantity,
  subscription: id,
  ...more,
});

/** The instant of a local time in Berlin, such as `2024-04-11T10:00`. */
export const berlin = (local: string): string => {
  const summer = local >= '2024-03-31T03:00' && local < '2024-10-27T03:00';
  return new Date(`${local}:00${summer ? '+02:00' : '+01:00'}`).toISOString();
};

export const on = (day: string, body: Body, effective = 'now'): Command => ({
  at: berlin(day.includes('T') ? day : `${day}T10:00`),
  effective,
  body,
});
export const change = (components: Extract<Body, { kind: 'change' }>['components'] & {}): Body => ({
  kind: 'change',
  components,
});
export const to = (id: string): Body => ({ kind: 'change', variant: id });
export const set = (subscription: string, quantity: string): Body =>
  change({ set: [{ subscription, quantity }] });
export const pause: Body = { kind: 'pause', reason: 'customer' };
export const resume: Body = { kind: 'resume', reason: 'customer' };
export const cancel: Body = { kind: 'cancel' };
/** Withdraws what a command has scheduled, by its number from 0. */
export const withdraw = (command: number): Body => ({ kind: 'withdraw', command });

export const used = (day: string, quantity: string, recorded = day, more: Partial<Usage> = {}): Usage => ({
  subscription: 'meter',
  at: berlin(`${day}T10:00`),
  recordedAt: berlin(`${recorded}T11:00`),
  quantity,
  ...more,
});

export interface Story extends Partial<Omit<Life, 'order' | 'until'>> {
  variants: Variant[];
  components?: Component[];
  start: string;
  /** The day of the order, if it is not the start. */
  ordered?: string;
  anchor?: string;
  booked?: Booking[];
  until: string;
}

/** The billed lines, as `2024-04-11 seat -20.00`, with the day of the step. Lines of 0.00 are left out. */
export function billed(story: Story): string[] {
  return linesOf(story).map(({ at, subject, minor }) => `${dayOf(at)} ${subject} ${amountOf(minor)}`);
}

/** The day on which each document was made, with its net and its tax at each rate: `2024-04-01 14.46 + 2.75 at 19`. */
export function taxed(story: Story, rateOf: (line: BilledLine) => string, mode: PriceMode = 'net'): string[] {
  return documentsOf(linesOf(story), rateOf, mode).map(({ at, groups }) => {
    const texts = groups.map(({ net, tax, rate }) => `${amountOf(net)} + ${amountOf(tax)} at ${rate}`);
    return `${dayOf(at)} ${texts.join(', ')}`;
  });
}

const ZONE = 'Europe/Berlin';
const dayOf = (at: string): string => new Date(at).toLocaleDateString('en-CA', { timeZone: ZONE });

function amountOf(minor: bigint): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function linesOf({
  variants,
  components = [],
  start,
  ordered = start,
  anchor,
  booked = [],
  until,
  ...more
}: Story): BilledLine[] {
  const life: Life = {
    zone: ZONE,
    currencyDigits: 2,
    commands: [],
    usage: [],
    oneTime: [],
    published: [],
    order: {
      variant: variants[0]!.id,
      start,
      anchor: anchor ?? null,
      at: berlin(`${ordered}T09:00`),
      components: booked,
    },
    until: berlin(`${until}T23:00`),
    ...more,
  };
  return bill({ variants, components }, life);
}

export const many = (count: number, line: string): string[] => Array.from({ length: count }, () => line);
