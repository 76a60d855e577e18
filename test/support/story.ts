// A contract of a dated story, lived through the API.
import { expect } from 'vitest';
import type { Caller } from './api.ts';

/** A contract on a clock of its own, and what can be done with it. */
export interface Story {
  readonly clock: string;
  readonly contract: string;
  /** Lives on to an instant. */
  until(at: string): Promise<void>;
  /** Asks for something, which is applied; answers with the document that it made. */
  ask(body: object): Promise<string | null>;
  /** Money by hand, at the clock's now. */
  receive(amount: string): Promise<void>;
  balance(): Promise<string>;
}

export interface StoryOrder {
  readonly variant: string;
  /** Of the sandbox. */
  readonly token: string;
  readonly seats?: number;
  /** Booked besides the seats. */
  readonly components?: readonly object[];
}

/** Lives on to an instant of a clock. */
export async function liveUntil(caller: Caller, clock: string, to: string): Promise<void> {
  expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { to })).status).toBe(202);
  await expect
    .poll(async () => (await caller.get(`/v1/test-clocks/${clock}`)).body, { timeout: 30_000, interval: 25 })
    .toMatchObject({ status: 'ready', now: to, target: null });
}

/** Orders from a new customer on a new clock. */
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
