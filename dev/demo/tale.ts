import { type CommandRequest, type OrderRequest, type TenorClient, all } from '../../client/index.ts';

/** The customers of a tale with their contracts, by short name. A customer may have no contract. */
export type Customers = Map<string, { readonly customer: string; readonly contract: string | null }>;

/** Everything that an act uses. */
export interface World {
  readonly api: TenorClient;
  readonly clock: string;
  readonly customers: Customers;
}

/** An action in a tale, at an instant. */
export interface Act {
  /** An instant with an offset. */
  readonly at: string;
  readonly what: string;
  readonly does: (world: World) => Promise<void>;
}

/** A sequence of actions on a test clock of its own, with the expected books. Everything else happens by itself. */
export interface Tale {
  readonly name: string;
  readonly begins: string;
  readonly ends: string;
  readonly acts: readonly Act[];
  /** By the customers' short names. */
  readonly expected: Readonly<Record<string, ExpectedBook>>;
}

/** An expected document: date, net, VAT, gross. Calculated by hand. */
export type Expected = readonly [date: string, net: string, vat: string, gross: string];

/** The expected documents, balance and attempts of a customer. */
export interface ExpectedBook {
  readonly name: string;
  readonly documents: readonly Expected[];
  readonly balance: string;
  /** The numbers of attempts by state. */
  readonly attempts: Readonly<Record<string, number>>;
  /** The printed documents, in the order in which they were made. Omitted where the amounts suffice. */
  readonly sheets?: readonly Sheet[];
}

/** A printed document. */
export interface Sheet {
  readonly number: string;
  readonly title: string;
  readonly due: string;
  readonly open: string;
  /** For each line: first service date, text, quantity × unit price = amount. */
  readonly lines: readonly string[];
}

interface Buyer {
  readonly name: string;
  readonly country: string;
  readonly time_zone: string;
  readonly token?: string;
}

/** Orders a contract for a new customer on the tale's clock. */
export const orders =
  (short: string, customer: Buyer, order: Omit<OrderRequest, 'customer'>) =>
  async ({ api, clock, customers }: World): Promise<void> => {
    const { name, country, time_zone, token } = customer;
    const made = await api.post('/v1/orders', {
      body: {
        customer: { party: { name, email: `rechnung@${short}.example` }, country, time_zone, clock },
        ...(token === undefined ? {} : { payment_method: { provider: 'sandbox', token } }),
        ...order,
      },
    });
    customers.set(short, made);
  };

/** Sends a command. `named` finds the id of a component subscription by its name. */
export const asks =
  (short: string, command: (named: (name: string) => string) => CommandRequest) =>
  async ({ api, customers }: World): Promise<void> => {
    const id = customers.get(short)?.contract ?? '';
    const { subscriptions } = await api.get('/v1/contracts/{id}', { id });
    const named = (name: string): string => subscriptions.find((each) => each.name === name)?.id ?? '';
    await api.post('/v1/contracts/{id}/commands', { id, body: command(named) });
  };

/** Does nothing but check the state of the attempt to collect the customer's newest invoice. */
export const sees =
  (short: string, state: 'declined' | 'succeeded') =>
  async ({ api, customers }: World): Promise<void> => {
    const customer = customers.get(short)?.customer ?? '';
    const [account] = await all(api.list('/v1/billing-accounts', { customer }));
    const { data } = await api.get('/v1/attempts', { account: account?.id ?? '', limit: 1 });
    const [last] = data;
    if (last?.state !== state) throw new Error(`the last attempt is ${last?.state}, not ${state}`);
  };

/** Withdraws the first scheduled change of a customer's contract. */
export const withdraws =
  (short: string) =>
  async ({ api, customers }: World): Promise<void> => {
    const id = customers.get(short)?.contract ?? '';
    const { scheduled } = await api.get('/v1/contracts/{id}', { id });
    const command = scheduled[0]?.command ?? '';
    await api.post('/v1/contracts/{id}/commands', { id, body: { kind: 'withdraw', command } });
  };
