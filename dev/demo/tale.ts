import type { ApiClient } from './client.ts';

/** Who is in a tale, by a short name; a customer may have no contract. */
export type Customers = Map<string, { readonly customer: string; readonly contract: string | null }>;

export interface World {
  readonly api: ApiClient;
  readonly clock: string;
  readonly customers: Customers;
}

/** Something that somebody does at an instant. */
export interface Act {
  /** With its offset, as people would write it. */
  readonly at: string;
  readonly what: string;
  readonly does: (world: World) => Promise<void>;
}

/** What people do on a test clock of its own, and what must come of it; the rest happens by itself. */
export interface Tale {
  readonly name: string;
  readonly begins: string;
  readonly ends: string;
  readonly acts: readonly Act[];
  /** By the customers' short names. */
  readonly expected: Readonly<Record<string, ExpectedBook>>;
}

/** A document as it must be: date, net, VAT, gross. Computed with a pencil. */
export type Expected = readonly [date: string, net: string, vat: string, gross: string];

export interface ExpectedBook {
  readonly name: string;
  readonly documents: readonly Expected[];
  readonly balance: string;
  /** Attempts by how they ended. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Documents as they are printed, in the order of their making; left out where amounts say it all. */
  readonly sheets?: readonly Sheet[];
}

export interface Sheet {
  readonly number: string;
  readonly title: string;
  readonly due: string;
  readonly open: string;
  /** First day of service, text, quantity × unit price = amount. */
  readonly lines: readonly string[];
}

interface NewCustomer {
  readonly name: string;
  readonly country: string;
  readonly time_zone: string;
  readonly token?: string;
}

/** Orders for a new customer on the tale's clock. */
export const orders =
  (short: string, customer: NewCustomer, order: object) =>
  async ({ api, clock, customers }: World): Promise<void> => {
    const { name, country, time_zone, token } = customer;
    const made = await api.post<{ contract: string; customer: string }>('/v1/orders', {
      customer: { party: { name }, country, time_zone, clock },
      ...(token === undefined ? {} : { payment_method: { provider: 'sandbox', token } }),
      ...order,
    });
    customers.set(short, made);
  };

interface Subscriptions {
  readonly subscriptions: readonly { id: string; component_external_id?: string | null; name: string }[];
}

/** A command; `seats` and the like are named as the contract lists them now. */
export const asks =
  (short: string, command: (named: (name: string) => string) => object) =>
  async ({ api, customers }: World): Promise<void> => {
    const path = `/v1/contracts/${customers.get(short)?.contract ?? ''}`;
    const { subscriptions } = await api.get<Subscriptions>(path);
    const named = (name: string): string => subscriptions.find((each) => each.name === name)?.id ?? '';
    await api.post(`${path}/commands`, command(named));
  };

/** Nobody does anything: the story tells how the attempt to collect a customer's newest invoice has ended. */
export const sees =
  (short: string, state: 'declined' | 'succeeded') =>
  async ({ api, customers }: World): Promise<void> => {
    const owner = customers.get(short)?.customer ?? '';
    const [account] = await api.list<{ id: string }>(`/v1/billing-accounts?customer=${owner}`);
    const last = (await api.list<{ state: string }>(`/v1/attempts?account=${account?.id}`)).at(-1);
    if (last?.state !== state) throw new Error(`the last attempt is ${last?.state}, not ${state}`);
  };

/** Takes back what is scheduled. */
export const withdraws =
  (short: string) =>
  async ({ api, customers }: World): Promise<void> => {
    const path = `/v1/contracts/${customers.get(short)?.contract ?? ''}`;
    const { scheduled } = await api.get<{ scheduled: { command: string }[] }>(path);
    await api.post(`${path}/commands`, { kind: 'withdraw', command: scheduled[0]?.command ?? '' });
  };
