import { rows } from '../support/rows.ts';
import type { Pool } from '../../db/platform/pool.ts';
import type { Answered, Caller } from '../support/api.ts';
import type { CommandRequest, ContractBackend, News, UsageReport, ContractView } from './backend.ts';
import type { Line } from './model.ts';
import type { PriceMode, TaxedDocument } from './model/taxes.ts';
import type { Payment, WantedOf } from './plan.ts';
import { pay } from './api-payments.ts';
import { accepted, idIfApplied, request } from './requests.ts';
import type { World } from './servers.ts';

/** A contract that gets requests through the API alone. Its lines and documents are read from the database. */
export class ApiContract implements ContractBackend {
  readonly id: string;
  private readonly pool: Pool;
  private readonly caller: Caller;
  private readonly customer: string;
  private readonly priceMode: PriceMode;
  private readonly sandbox: World['sandbox'];
  private account: string | null = null;
  private seen = { seq: 0, items: '' };
  private reads = 0;

  constructor(
    { pool, sandbox }: Pick<World, 'pool' | 'sandbox'>,
    caller: Caller,
    { contract, customer }: { readonly contract: string; readonly customer: string },
    priceMode: PriceMode,
  ) {
    this.priceMode = priceMode;
    this.pool = pool;
    this.sandbox = sandbox;
    this.caller = caller;
    this.id = contract;
    this.customer = customer;
  }

  async command(wanted: CommandRequest, effective: string): Promise<string | null> {
    const { kind, ...rest } = wanted;
    const { waiveTerm, ...body } = { waiveTerm: undefined, ...rest };
    const answer = await request(this.caller, `${this.path}/commands`, {
      kind,
      ...body,
      ...(kind === 'withdraw' ? {} : { effective }),
      ...(waiveTerm === undefined ? {} : { waive_term: waiveTerm }),
    });
    return answer === null ? null : idIfApplied(this.caller, answer.body);
  }

  async use({ event, ...entry }: UsageReport, times: number): Promise<string | null> {
    const one = { event_id: event, ...entry };
    const answer = await request(
      this.caller,
      `${this.path}/usage`,
      times === 1 ? one : Array.from({ length: times }, () => one),
    );
    if (answer?.body.results[0].result !== 'consumed') return null;
    const [stored] = await rows<{ subscription_id: string }>(
      this.pool,
      'select subscription_id from usage_events where contract_id = $1 and event_id = $2',
      [this.id, event],
    );
    if (stored === undefined) throw new Error(`${event} was consumed, but is not stored`);
    return stored.subscription_id;
  }

  async createOneTimeCharge(charge: WantedOf<'one_time'>): Promise<string | null> {
    const answer = await request(this.caller, '/v1/one-time-charges', {
      contract: this.id,
      text: charge.id,
      quantity: charge.quantity,
      unit_price: charge.unitPrice,
      currency: 'EUR',
      price_mode: this.priceMode,
      tax_policy: 'policy',
      bill: charge.now ? 'now' : 'next_invoice',
    });
    return answer?.body.id ?? null;
  }

  async withdrawOneTimeCharge(id: string): Promise<boolean> {
    return (await request(this.caller, `/v1/one-time-charges/${id}/withdraw`)) !== null;
  }

  async pay(payment: Payment): Promise<boolean> {
    const { sandbox, caller, id: contract, customer } = this;
    const account: string = this.account ?? accepted(await caller.get(this.path)).body.account;
    this.account = account;
    return pay(caller, sandbox, payment, { contract, customer, account });
  }

  async see(): Promise<ContractView> {
    const body = await this.read();
    const [open] = await rows<Pick<ContractView, 'charges'> & NonNullable<ContractView['payments']>>(
      this.pool,
      `select array(select o.id from one_time_charges o where o.merchant_id = c.merchant_id and o.contract_id = c.id
           and o.kind = 'charge' and o.state = 'waiting' order by o.id) as charges,
         (select count(*)::int from payment_methods m where m.merchant_id = c.merchant_id and m.customer_id = c.customer_id
           and m.removed_at is null) as methods,
         (select count(*)::int from attempts a where a.merchant_id = c.merchant_id and a.account_id = c.account_id
           and a.state = 'requires_action') as challenges
       from contracts c where c.id = $1`,
      [this.id],
    );
    const { charges, ...payments } = open ?? { charges: [], methods: 0, challenges: 0 };
    return {
      charges,
      payments,
      phase: body.phase,
      variant: body.variant.name,
      pauseReasons: body.pause_reasons,
      subscriptions: body.subscriptions.map(
        (each: { id: string; name: string; quantity: string; since: string }) => ({
          id: each.id,
          component: each.name,
          quantity: each.quantity,
          since: each.since,
        }),
      ),
      scheduled: body.scheduled.map((each: { command: string }) => each.command),
    };
  }

  /** Read from the database: no answer of the API shows a booking that began and ended within one advance. */
  async news(): Promise<News> {
    const applied = await rows<News['applied'][number] & { seq: number }>(
      this.pool,
      `select id, seq, asked_at as at, effective, body from commands
       where contract_id = $1 and seq > $2 and state = 'applied' order by seq`,
      [this.id, this.seen.seq],
    );
    const booked = await rows<News['booked'][number] & { item: string }>(
      this.pool,
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
      [this.id, this.seen.items],
    );
    this.seen = { seq: applied.at(-1)?.seq ?? this.seen.seq, items: booked.at(-1)?.item ?? this.seen.items };
    return { applied, booked };
  }

  lines(): Promise<Line[]> {
    return rows<Line>(
      this.pool,
      `select g.effective_at as at, case o.kind when 'setup' then 'setup' else coalesce(i.subject, g.one_time_id) end as subject,
              g.kind, g.from_date as from, g.to_date as to, null as tier, g.amount_minor as minor
       from charges g
       left join items i on i.merchant_id = g.merchant_id and i.id = g.item_id
       left join one_time_charges o on o.merchant_id = g.merchant_id and o.id = g.one_time_id
       where g.contract_id = $1`,
      [this.id],
    );
  }

  documents(): Promise<TaxedDocument[]> {
    return rows<TaxedDocument>(
      this.pool,
      'select effective_at as at, net_minor as net, tax_minor as tax from documents where contract_id = $1',
      [this.id],
    );
  }

  /** Mostly reads the list, which does not compute the next billing. */
  private async read(): Promise<Answered['body']> {
    if (this.reads++ % 5 === 0) return accepted(await this.caller.get(this.path)).body;
    const { body } = accepted(await this.caller.get(`/v1/contracts?customer=${this.customer}&limit=100`));
    return body.data.find((each: { id: string }) => each.id === this.id);
  }

  private get path(): string {
    return `/v1/contracts/${this.id}`;
  }
}
