import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { PREFIX } from '../../temporal/ids.ts';

/** A contract as its API shows it: what is read, never what is decided on. */
export interface ContractView {
  readonly id: string;
  readonly external_id: string | null;
  readonly customer: string;
  readonly account: string;
  readonly plan_group: string;
  readonly clock: string | null;
  readonly time_zone: string;
  readonly currency: string;
  readonly payment_method: string | null;
  readonly start_date: string;
  readonly anchor_date: string;
  readonly trial_ends_at: string | null;
  readonly phase: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
  readonly pause_reasons: readonly string[];
  readonly variant: string;
  readonly variant_version: string;
  readonly variant_name: string;
  readonly fee: string | null;
  readonly subscriptions: readonly {
    readonly id: string;
    readonly component: string;
    readonly name: string;
    readonly quantity: string;
    readonly since: string;
    readonly until: string | null;
  }[];
  readonly scheduled: readonly {
    readonly command: string;
    readonly due_at: string;
    readonly change: Record<string, unknown>;
  }[];
  readonly settled_through: string;
  readonly next_due_at: string | null;
  readonly ended_at: string | null;
  readonly incident: boolean;
  readonly balance_minor: bigint;
  readonly created_at: string;
}

const SUBSCRIPTIONS = `(select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'component', s.component_id, 'name', v.name,
    'quantity', i.quantity::text, 'since', iso(i.effective_at), 'until', iso(i.ends_at)) order by s.id), '[]')
  from component_subscriptions s join lateral (select * from items x where x.merchant_id = s.merchant_id
      and x.contract_id = s.contract_id and x.subject = s.id order by revision desc limit 1) i on i.quantity is not null and (i.ends_at is null or i.ends_at > c.settled_through)
    join component_versions v on v.merchant_id = i.merchant_id and v.id = i.component_version_id
  where s.merchant_id = c.merchant_id and s.contract_id = c.id)`;

const SELECT = `select c.id as cursor_key, c.id, c.external_id, c.customer_id as customer, c.account_id as account,
    c.plan_group_id as plan_group, c.clock_id as clock, c.time_zone, g.currency, c.payment_method_id as payment_method,
    c.start_date, c.anchor_date, c.trial_ends_at, c.phase, c.pause_reasons, v.variant_id as variant,
    v.id as variant_version, v.name as variant_name, v.fee, ${SUBSCRIPTIONS} as subscriptions,
    (select coalesce(jsonb_agg(jsonb_build_object('command', command_id, 'due_at', iso(due_at), 'change', change)
       order by due_at, id), '[]') from scheduled_changes s
     where s.merchant_id = c.merchant_id and s.contract_id = c.id and s.state = 'scheduled') as scheduled,
    c.settled_through, (select due_at from agenda where workflow_id = '${PREFIX.contract}' || c.id) as next_due_at, c.ended_at,
    exists (select from incidents where workflow_id = '${PREFIX.contract}' || c.id and closed_at is null) as incident,
    (select coalesce(-sum(p.amount_minor), 0)::bigint from postings p where p.merchant_id = c.merchant_id
       and p.account_id = c.account_id and p.contract_id = c.id and p.ledger_account = 'receivable') as balance_minor,
    c.created_at
  from`;
const SHOWN = `plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
    join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  where c.merchant_id = $1`;
const ALL = `${SELECT} contracts c join ${SHOWN}`;
/** Those that are due before `$6`, from the agenda outwards. */
const DUE = `${SELECT} (select substr(workflow_id, ${PREFIX.contract.length + 1}) as id from agenda
      where merchant_id = $1 and kind = 'contract' and due_at < $6) due
    join contracts c on c.merchant_id = $1 and c.id = due.id join ${SHOWN}`;

export function getContractView(db: Db, merchant: MerchantId, id: string): Promise<ContractView | null> {
  return maybeRow<ContractView>(db, `${ALL} and c.id = $2`, [merchant, id]);
}

export function listContractViews(
  db: Db,
  merchant: MerchantId,
  filter: { customer?: string; account?: string; phase?: string; external_id?: string; due_before?: string },
  page: PageOf,
): Promise<Page<ContractView>> {
  return pageOf<ContractView>(
    db,
    `${filter.due_before === undefined ? ALL : DUE} and ($2::text is null or c.customer_id = $2) and ($3::text is null or c.account_id = $3)
       and ($4::text is null or c.phase = $4) and ($5::text is null or c.external_id = $5)
       and ($6::timestamptz is null or true)`,
    [
      merchant,
      filter.customer ?? null,
      filter.account ?? null,
      filter.phase ?? null,
      filter.external_id ?? null,
      filter.due_before ?? null,
    ],
    page,
  );
}

/** A command as it is stored; `answer` once it is decided. */
export interface CommandRow {
  readonly id: string;
  readonly contract: string;
  readonly seq: number;
  readonly kind: string;
  readonly body: Record<string, unknown>;
  readonly effective: string;
  readonly actor: string;
  readonly asked_at: string;
  readonly state: 'pending' | 'applied' | 'refused';
  readonly decided_at: string | null;
  readonly answer: {
    readonly code?: string | null;
    readonly detail?: string | null;
    readonly field?: string | null;
    readonly document_id?: string | null;
    readonly scheduled_for?: string | null;
  } | null;
}

const COMMAND = `select m.id as cursor_key, m.id, m.contract_id as contract, m.seq, m.kind, m.body, m.effective, m.actor,
    m.asked_at, m.state, m.decided_at, m.answer
  from commands m where m.merchant_id = $1`;

export function getCommand(db: Db, merchant: MerchantId, id: string): Promise<CommandRow | null> {
  return maybeRow<CommandRow>(db, `${COMMAND} and m.id = $2`, [merchant, id]);
}

export function listCommands(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  page: PageOf,
): Promise<Page<CommandRow>> {
  return pageOf<CommandRow>(db, `${COMMAND} and m.contract_id = $2`, [merchant, contractId], page);
}

/** The contracts of a customer that have not ended. */
export async function contractsOfCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
): Promise<string[]> {
  const open = await rows<{ id: string }>(
    db,
    `select id from contracts where merchant_id = $1 and customer_id = $2 and phase <> 'ended' order by id`,
    [merchant, customerId],
  );
  return open.map((each) => each.id);
}
