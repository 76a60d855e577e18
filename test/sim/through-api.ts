import { setTimeout as delay } from 'node:timers/promises';
import { rows } from '../../db/pool.ts';
import type { Answered, Caller } from '../support/api.ts';
import { type Books, openBooks } from './books.ts';
import type { Plan } from './invent.ts';
import { type Asked, type Backend, type News, type Ordered, unnamed } from './life.ts';
import type { Line } from './model.ts';
import { type Shop, publish } from './publish.ts';
import type { World } from './servers.ts';

/** A contract of a merchant of its own, on a clock of its own: everything is asked through the API. */
export class ApiBackend implements Backend {
  now: string;
  private readonly world: World;
  private readonly caller: Caller;
  private readonly books: Books;
  private readonly plan: Plan;
  private readonly clock: string;
  private contract = '';
  private seen = { seq: 0, items: '' };
  private advanced = false;

  private constructor(
    world: World,
    plan: Plan,
    made: { shop: Shop; books: Books; clock: string; now: string },
  ) {
    this.world = world;
    this.plan = plan;
    this.caller = made.shop.caller;
    this.books = made.books;
    this.clock = made.clock;
    this.now = made.now;
  }

  /** Publishes the plan's catalogue, and sets up its clock. */
  static async open(world: World, plan: Plan): Promise<ApiBackend> {
    const shop = await publish(world, plan.catalogue);
    const clock = made(
      await shop.caller.post('/v1/test-clocks', { name: `seed ${plan.seed}`, at: plan.begin }),
    );
    const books = await openBooks(world.databaseUrl, shop.merchant);
    return new ApiBackend(world, plan, { shop, books, clock: clock.body.id, now: clock.body.now });
  }

  async close(): Promise<void> {
    await this.books.close();
    await this.caller.delete(`/v1/test-clocks/${this.clock}`);
  }

  async order({ variant, start, anchor, components }: Ordered): Promise<string | null> {
    const { zone, payment } = this.plan;
    const answer = await this.asked('/v1/orders', {
      customer: { party: { name: 'N' }, country: 'DE', time_zone: zone, clock: this.clock },
      variant,
      start,
      ...(anchor === null ? {} : { anchor }),
      components: components.map(unnamed),
      ...(this.world.collects ? { payment_method: { provider: 'sandbox', token: payment } } : {}),
    });
    if (answer === null) return null;
    this.contract = answer.body.contract;
    return this.decided(answer.body.command);
  }

  async advance(to: string): Promise<void> {
    this.advanced = true;
    if (this.world.advance !== null) await this.world.advance(this.clock, this.contract, to);
    else {
      made(await this.caller.post(`/v1/test-clocks/${this.clock}/advance`, { to }));
      for (;;) {
        const { status, problem } = made(await this.caller.get(`/v1/test-clocks/${this.clock}`)).body;
        if (status === 'stuck') throw new Error(`the clock is stuck before ${to}: ${problem}`);
        if (status === 'ready') break;
        await delay(10);
      }
    }
    this.now = to;
  }

  async command(asked: Asked, effective: string): Promise<string | null> {
    const { kind, ...rest } = asked;
    const { waiveTerm, ...body } = { waiveTerm: undefined, ...rest };
    const answer = await this.asked(`/v1/contracts/${this.contract}/commands`, {
      kind,
      ...body,
      ...(kind === 'withdraw' ? {} : { effective }),
      ...(waiveTerm === undefined ? {} : { waive_term: waiveTerm }),
    });
    return answer === null ? null : this.decided(answer.body);
  }

  async use({
    subscription,
    id,
    at,
    event,
    quantity,
    value,
  }: Parameters<Backend['use']>[0]): Promise<string | null> {
    const component = await this.componentOf(id);
    if (component === null) return null;
    const answer = await this.asked(`/v1/contracts/${this.contract}/usage`, {
      event_id: event,
      component,
      quantity,
      at,
      value,
    });
    if (answer?.body.results[0].result !== 'consumed') return null;
    const [stored] = await rows<{ subscription_id: string }>(
      this.world.pool,
      'select subscription_id from usage_events where contract_id = $1 and event_id = $2',
      [this.contract, event],
    );
    if (stored === undefined) throw new Error(`${event} of ${subscription} was consumed, and is not stored`);
    return stored.subscription_id;
  }

  async chargeOnce(charge: Parameters<Backend['chargeOnce']>[0]): Promise<string | null> {
    const answer = await this.asked('/v1/one-time-charges', {
      contract: this.contract,
      text: charge.id,
      quantity: charge.quantity,
      unit_price: charge.unitPrice,
      currency: 'EUR',
      price_mode: 'net',
      tax_policy: 'policy',
      bill: charge.now ? 'now' : 'next_invoice',
    });
    return answer?.body.id ?? null;
  }

  async withdrawOnce(id: string): Promise<boolean> {
    return (await this.asked(`/v1/one-time-charges/${id}/withdraw`)) !== null;
  }

  /** Read from the rows, as a booking that came and went within one advance is in no answer of the API. */
  async news(): Promise<News> {
    const applied = await rows<News['applied'][number] & { seq: number }>(
      this.world.pool,
      `select id, seq, asked_at as at, effective, body from commands
       where contract_id = $1 and seq > $2 and state = 'applied' order by seq`,
      [this.contract, this.seen.seq],
    );
    const booked = await rows<News['booked'][number] & { item: string }>(
      this.world.pool,
      `select i.id as item, i.subject as subscription, c.external_id as component, trim_scale(i.quantity)::text as quantity,
              i.effective_at as "startsAt", i.ends_at as "endsAt",
              array_remove(i.command_id || array(select s.command_id from scheduled_changes s
                where s.merchant_id = i.merchant_id and s.contract_id = i.contract_id and s.state = 'done' and s.xmin = i.xmin
                order by s.due_at, s.id), null) as by
       from items i
       join component_subscriptions b on b.merchant_id = i.merchant_id and b.id = i.subscription_id
       join components c on c.merchant_id = b.merchant_id and c.id = b.component_id
       where i.contract_id = $1 and i.id > $2
         and not exists (select from items e where e.merchant_id = i.merchant_id and e.contract_id = i.contract_id
           and e.subject = i.subject and e.revision < i.revision)
       order by i.id`,
      [this.contract, this.seen.items],
    );
    this.seen = { seq: applied.at(-1)?.seq ?? this.seen.seq, items: booked.at(-1)?.item ?? this.seen.items };
    return { applied, booked };
  }

  lines(): Promise<Line[]> {
    return rows<Line>(
      this.world.pool,
      `select g.effective_at as at, case o.kind when 'setup' then 'setup' else coalesce(i.subject, g.one_time_id) end as subject,
              g.kind, g.from_date as from, g.to_date as to, null as tier, g.amount_minor as minor
       from charges g
       left join items i on i.merchant_id = g.merchant_id and i.id = g.item_id
       left join one_time_charges o on o.merchant_id = g.merchant_id and o.id = g.one_time_id
       where g.contract_id = $1`,
      [this.contract],
    );
  }

  async audit(): Promise<string[]> {
    const atRest = this.advanced;
    this.advanced = false;
    return this.books.audit(atRest && this.world.advance === null);
  }

  private async componentOf(subscription: string): Promise<string | null> {
    const [found] = await rows<{ external_id: string }>(
      this.world.pool,
      `select c.external_id from component_subscriptions b join components c on c.merchant_id = b.merchant_id and c.id = b.component_id
       where b.id = $1`,
      [subscription],
    );
    return found?.external_id ?? null;
  }

  /** What was answered, or null where it was refused. */
  private async asked(path: string, body?: unknown): Promise<Answered | null> {
    const answer = await this.caller.post(path, body);
    if (answer.status >= 500)
      throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.status < 300 ? answer : null;
  }

  /** A command that had no answer in time is read again until it has. */
  private async decided(command: { id: string; state: string }): Promise<string | null> {
    let { state } = command;
    while (state === 'pending') {
      await delay(100);
      ({ state } = made(await this.caller.get(`/v1/commands/${command.id}`)).body);
    }
    return state === 'applied' ? command.id : null;
  }
}

/** What must not be refused. */
function made(answer: Answered): Answered {
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}
