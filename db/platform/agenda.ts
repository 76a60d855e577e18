import { instant, int, text, truth } from './columns.ts';
import type { Db } from './pool.ts';
import type { MerchantId } from './ids.ts';
import { type Next, type Rounds, roundsOf } from './rounds.ts';
import { type RowOf, statement } from './statement.ts';

export type AgendaKind = 'provider_event' | 'contract' | 'account' | 'collection' | 'job';

const remove = statement('removeFromAgenda', {
  sql: 'delete from agenda where merchant_id = :merchant and workflow_id = :workflow',
  params: { merchant: 'text', workflow: 'text' },
});

const put = statement('putOnAgenda', {
  sql: `
    insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
    values (:workflow, :merchant, :kind, :clock, :due)
    on conflict (workflow_id) do update set due_at = excluded.due_at, held_until = null, looks = 0
      where agenda.due_at <> excluded.due_at`,
  params: { merchant: 'text', workflow: 'text', kind: 'text', clock: 'text?', due: 'timestamptz' },
});

/**
 * Sets when a workflow is due next; null deletes its row. Call it in the transaction that did the work. Returns whether the
 * agenda changed.
 */
export async function setAgenda(
  db: Db,
  merchant: MerchantId,
  {
    workflowId: workflow,
    kind,
    clockId: clock,
    dueAt: due,
  }: { workflowId: string; kind: AgendaKind; clockId: string | null; dueAt: string | null },
): Promise<boolean> {
  const moved =
    due === null
      ? await remove.run(db, { merchant, workflow })
      : await put.run(db, { merchant, workflow, kind, clock, due });
  return moved > 0;
}

const bringForward = statement('bringForwardOnAgenda', {
  sql: `
    insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
    values (:workflow, :merchant, :kind, :clock, :due)
    on conflict (workflow_id) do update set due_at = excluded.due_at, held_until = null, looks = 0
      where agenda.due_at > excluded.due_at`,
  params: { merchant: 'text', workflow: 'text', kind: 'text', clock: 'text?', due: 'timestamptz' },
});

/** Makes a workflow due at an instant, unless it is due earlier. The caller need not have the lock of the workflow's row. */
export async function dueBy(
  db: Db,
  merchant: MerchantId,
  {
    workflowId: workflow,
    kind,
    clockId: clock,
    dueAt: due,
  }: { workflowId: string; kind: AgendaKind; clockId: string | null; dueAt: string },
): Promise<void> {
  await bringForward.run(db, { merchant, workflow, kind, clock, due });
}

/** When relays look at an overdue row of a kind, in seconds. */
export interface Looks {
  /** From the row's due time to the first look. */
  readonly overdue: number;
  /** From the first look to the second. The wait doubles with each look. */
  readonly wait: number;
  /** The longest wait between two looks. */
  readonly longest: number;
}

const overdueRow = {
  workflow_id: text,
  merchant_id: text,
  due_at: instant,
  /** How often relays have looked at the row since it became due. */
  looks: int,
  /** Whether its step failed. The workflow then waits for an hour, or for a wake. */
  incident: truth,
};

/** An agenda row that is due and that its workflow has not moved. */
export type Overdue = RowOf<typeof overdueRow>;

/** The claimed rows, and whether more rows are due. */
export interface Claimed extends Pick<Next, 'backlog' | 'passed'> {
  readonly due: Overdue[];
}

/** Kinds of rows that relays look at. */
export const LOOKED_AT = ['provider_event', 'contract', 'account', 'collection', 'job'] as const;
export type LookedAt = (typeof LOOKED_AT)[number];

/** How many rows one claim takes at most. */
const MOST_OVERDUE = 100;
/** A row that was due before this instant is overdue. */
export const LATE = 'statement_timestamp() - make_interval(secs => :overdue)';
export const OVERDUE = { overdue: 'float8' } as const;
export type OverdueRounds = Rounds<typeof OVERDUE>;

/** Makes a value for each kind. The kind is a literal in the statements, so that Postgres can use an index that begins with it. */
const byKind = <T>(make: (kind: LookedAt) => T): Readonly<Record<LookedAt, T>> => ({
  provider_event: make('provider_event'),
  contract: make('contract'),
  account: make('account'),
  collection: make('collection'),
  job: make('job'),
});

const roundsByKind = byKind((kind) =>
  roundsOf(`agendaRounds_${kind}`, {
    waiting: `from agenda q where q.clock_id is null and q.kind = '${kind}'`,
    due: 'greatest(q.due_at, q.held_until)',
    until: LATE,
    params: OVERDUE,
    atOnce: MOST_OVERDUE,
  }),
);

/** Begins rounds over the merchants whose rows of a kind a relay claims. */
export const agendaRounds = (kind: LookedAt): OverdueRounds => roundsByKind[kind]();

const claimByKind = byKind((kind) =>
  statement(`claimOverdue_${kind}`, {
    sql: `
      with late as materialized (
        select q.workflow_id
        from unnest(:merchants, :most) t(merchant_id, most)
        cross join lateral (
          select o.workflow_id from agenda o
          where o.clock_id is null and o.kind = '${kind}' and o.merchant_id >= t.merchant_id
            and (o.merchant_id, greatest(o.due_at, o.held_until)) <= (t.merchant_id, ${LATE})
          order by o.merchant_id, greatest(o.due_at, o.held_until) limit t.most for no key update skip locked) q)
      update agenda a set held_until = statement_timestamp() + make_interval(secs => :wait - :overdue)
      where a.workflow_id = any(array(select workflow_id from late))
      returning a.workflow_id, a.merchant_id, a.due_at, a.looks,
        exists (select from incidents i where i.workflow_id = a.workflow_id and i.closed_at is null) as incident`,
    params: { merchants: 'text[]', most: 'int[]', wait: 'float8', ...OVERDUE },
    row: overdueRow,
  }),
);

/**
 * Claims rows that are overdue on wall time: of each merchant as many as its turn allows, the longest overdue first. No other relay
 * gets these rows until the first wait is over. If the relay dies or cannot reach Temporal, they can be claimed again after that.
 * With the indexes, the cost does not depend on how many rows are due.
 */
export async function claimOverdue(
  db: Db,
  kind: LookedAt,
  { overdue, wait }: Looks,
  rounds: OverdueRounds = agendaRounds(kind),
): Promise<Claimed> {
  const { turns, ...more } = await rounds.next(db, { overdue });
  if (turns.length === 0) return { due: [], ...more };
  const due = await claimByKind[kind].rows(db, {
    merchants: turns.map(({ merchant }) => merchant),
    most: turns.map(({ most }) => most),
    overdue,
    wait,
  });
  return { due, ...more };
}

const note = statement('noteLooks', {
  sql: `
    update agenda
    set looks = looks + 1,
      held_until = statement_timestamp() + make_interval(secs => least(:longest, :wait * power(2, least(looks, 30))) - :overdue)
    where workflow_id = any(:workflows) and held_until is not null`,
  params: { workflows: 'text[]', longest: 'float8', wait: 'float8', overdue: 'float8' },
});

/** Records a look at each row, which postpones the next look. A row that has moved since it was claimed is left as it is. */
export async function noteLooks(
  db: Db,
  workflows: readonly string[],
  { overdue, wait, longest }: Looks,
): Promise<void> {
  if (workflows.length > 0) await note.run(db, { workflows, overdue, wait, longest });
}
