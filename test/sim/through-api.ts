import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from '../support/api.ts';
import { ApiContract } from './api-contract.ts';
import { accepted, idIfApplied, request } from './requests.ts';
import type { Backend, OrderRequest } from './backend.ts';
import { type Books, openBooks } from './books.ts';
import { unnamed } from './wish.ts';
import type { Version } from './model.ts';
import type { Setting } from './plan.ts';
import { type Shop, publish, publishVersion } from './publish.ts';
import type { World } from './servers.ts';
import type { Place } from './seeded.ts';

/** Runs lives through the API of a world, each with its own merchant and clock. */
export function throughApi(world: World): Place {
  return async (setting, use) => {
    const backend = await ApiBackend.open(world, setting);
    try {
      return await use(backend);
    } finally {
      await backend.close();
    }
  };
}

/** Contracts of one merchant, on one clock. All requests go through the API. */
class ApiBackend implements Backend {
  now: string;
  private readonly world: World;
  private readonly shop: Shop;
  private readonly caller: Caller;
  private readonly books: Books;
  private readonly zone: string;
  private readonly priceMode: Setting['priceMode'];
  private readonly clock: string;
  private readonly contracts: string[] = [];
  private customer: string | null = null;
  private advanced = false;

  private constructor(
    world: World,
    { zone, priceMode }: Setting,
    made: { shop: Shop; books: Books; clock: string; now: string },
  ) {
    this.world = world;
    this.zone = zone;
    this.priceMode = priceMode;
    this.shop = made.shop;
    this.caller = made.shop.caller;
    this.books = made.books;
    this.clock = made.clock;
    this.now = made.now;
  }

  /** Publishes the catalogue, and sets up the clock. */
  static async open(world: World, setting: Setting): Promise<ApiBackend> {
    const shop = await publish(world, setting);
    const clock = { name: `seed ${setting.seed}`, at: setting.begin };
    const { id, now } = accepted(await shop.caller.post('/v1/test-clocks', clock)).body;
    const books = await openBooks(world.databaseUrl, shop.merchant);
    return new ApiBackend(world, setting, { shop, books, clock: id, now });
  }

  async close(): Promise<void> {
    await this.books.close();
    await this.caller.delete(`/v1/test-clocks/${this.clock}`);
  }

  async order(ordered: OrderRequest): Promise<{ contract: ApiContract; command: string } | null> {
    const { variant, start, anchor, components, payment, again } = ordered;
    const someone = { party: { name: 'N' }, country: 'DE', time_zone: this.zone, clock: this.clock };
    const answer = await request(this.caller, '/v1/orders', {
      customer: (again ? this.customer : null) ?? someone,
      variant,
      start,
      ...(anchor === null ? {} : { anchor }),
      components: components.map(unnamed),
      ...(payment === null ? {} : { payment_method: { provider: 'sandbox', token: payment } }),
    });
    if (answer === null) return null;
    this.contracts.push(answer.body.contract);
    const command = await idIfApplied(this.caller, answer.body.command);
    if (command === null) return null;
    this.customer ??= answer.body.customer;
    return { contract: new ApiContract(this.world, this.caller, answer.body, this.priceMode), command };
  }

  publish(version: Version): Promise<void> {
    return publishVersion(this.shop, version);
  }

  async advance(to: string): Promise<void> {
    this.advanced = true;
    if (this.world.advance === null) await this.advanceThroughApi(to);
    else await this.world.advance(this.clock, this.contracts, to);
    this.now = to;
  }

  async audit(all: boolean): Promise<string[]> {
    const direct = this.world.advance !== null;
    const stage = direct ? 'sent once' : this.advanced ? 'arrived' : 'under way';
    this.advanced = false;
    const found = await this.books.audit({ stage, all });
    return all ? [...found, ...((await this.world.atRest?.(this.shop.merchant)) ?? [])] : found;
  }

  private async advanceThroughApi(to: string): Promise<void> {
    accepted(await this.caller.post(`/v1/test-clocks/${this.clock}/advance`, { to }));
    for (;;) {
      const { status, problem } = accepted(await this.caller.get(`/v1/test-clocks/${this.clock}`)).body;
      if (status === 'stuck') throw new Error(`the clock is stuck before ${to}: ${problem}`);
      if (status === 'ready') return;
      await delay(10);
    }
  }
}
