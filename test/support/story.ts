// A contract of a dated story, driven through the API.
import { expect } from 'vitest';
import type { Caller } from './api.ts';

/** A contract on its own clock, and the actions of a story. */
export interface Story {
  readonly clock: string;
  readonly contract: string;
  /** Advances the clock to an instant. */
  until(at: string): Promise<void>;
  /** Sends a command, which must be applied. Returns the id of the document that it made, or null. */
  ask(body: object): Promise<string | null>;
  /** Records a receipt at the present instant of the clock. */
  receive(amount: string): Promise<void>;
  balance(): Promise<string>;
}

export interface StoryOrder {
  readonly variant: string;
  /** The token of the payment method at the sandbox. */
  readonly token: string;
  readonly seats?: number;
  /** Booked besides the seats. */
  readonly components?: readonly object[];
}

/** Advances a clock to an instant, and waits until it is ready. */
export async function liveUntil(caller: Caller, clock: string, to: string): Promise<void> {
  expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { to })).status).toBe(202);
  await expect
    .poll(async () => (await caller.get(`/v1/test-clocks/${clock}`)).body, { timeout: 30_000, interval: 25 })
    .toMatchObject({ status: 'ready', now: to, target: null });
}

/** Places an order for a new customer on a new clock. */
export async function beginStory(caller: Caller, at: string, order: StoryOrder): Promise<Story> {
  const clock = (await caller.post('/v1/test-clocks', { name: 'story', at })).body.id;
  const customer = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', clock };
  const seats = order.seats === undefined ? [] : [{ component: 'seat', quantity: order.seats }];
  const placed = await caller.post('/v1/orders', {
    customer,
    variant: order.variant,
    components: [...seats, ...(order.components ?? [])],
    payment_method: { provider: 'sandbox', token: order.token },
  });
  expect(placed.status).toBe(201);
  const { contract } = placed.body;
  const { account } = (await caller.get(`/v1/contracts/${contract}`)).body;
  return {
    clock,
    contract,
    until: (to) => liveUntil(caller, clock, to),
    async ask(body) {
      const answer = await caller.post(`/v1/contracts/${contract}/commands`, body);
      expect(answer.body).toMatchObject({ state: 'applied' });
      return answer.body.document;
    },
    async receive(amount) {
      const answer = await caller.post(`/v1/billing-accounts/${account}/receipts`, {
        amount,
        reference: 'R',
      });
      expect(answer.status).toBe(201);
    },
    balance: async () => (await caller.get(`/v1/billing-accounts/${account}`)).body.balance,
  };
}
