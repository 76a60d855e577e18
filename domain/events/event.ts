import { formatMinor } from '../arithmetic/money.ts';
import type { EventType } from './catalogue.ts';

/** An event as it is stored. */
export interface StoredEvent {
  readonly id: string;
  readonly type: EventType;
  /** The id of the object that the event is about. */
  readonly object: string;
  /** Which event of its object it is: 1, 2, 3, … */
  readonly sequence: number;
  readonly customer: string | null;
  readonly account: string | null;
  readonly contract: string | null;
  /** On the customer's clock. */
  readonly occurred_at: string;
  readonly recorded_at: string;
  /** The object as it was. Amounts are texts in minor units of its `currency`, and their keys end in `_minor`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as the API answers it and as webhooks send it, with amounts as texts such as `117.81`. */
export function eventJson(event: StoredEvent): Record<string, unknown> {
  const { id, type, object, sequence, customer, account, contract, occurred_at, recorded_at, data } = event;
  const about = { object, sequence, customer, account, contract };
  return { id, type, ...about, occurred_at, recorded_at, data: withAmounts(data) };
}

function withAmounts(data: StoredEvent['data']): object {
  const { currency } = data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) =>
      key.endsWith('_minor') && typeof value === 'string' && typeof currency === 'string'
        ? [key.slice(0, -'_minor'.length), formatMinor(BigInt(value), currency)]
        : [key, value],
    ),
  );
}
