import { z } from 'zod';
import { LOOKED_AT } from './agenda.ts';
import { float, text } from './columns.ts';
import { INCIDENT_STEPS } from './incidents.ts';
import { MESSAGE_KINDS } from './outbox.ts';
import type { Db } from './pool.ts';
import { OLDEST_KEPT } from './retention.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

const count = { name: text, labels: z.record(text, text), value: float };

/** A count of waiting work, by the name and the labels of its metric. */
type Count = RowOf<typeof count>;

/** For connections that read rows in the order of an index (`inOrder`). */
export const backlog = statement('backlog', {
  sql: `${sqlFile(import.meta.url, 'backlog.sql')} union all ${OLDEST_KEPT}`,
  params: { providers: 'text[]', agenda_kinds: 'text[]', message_kinds: 'text[]', incident_steps: 'text[]' },
  row: count,
});

/** Counts what is due, undelivered, broken, unanswered and stuck, and how old is what is kept, in one statement. */
export function loadBacklog(db: Db, providers: readonly string[]): Promise<Count[]> {
  return backlog.rows(db, {
    providers,
    agenda_kinds: LOOKED_AT,
    message_kinds: MESSAGE_KINDS,
    incident_steps: INCIDENT_STEPS,
  });
}
