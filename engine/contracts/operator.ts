import { localDate } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { ONE_LINE } from '../../domain/text.ts';
import { type CommandKind, answersOf } from '../../db/contracts/commands.ts';
import { storeCommand } from './store-command.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { resolve } from '../../db/platform/refs.ts';
import type { OperatorRequest } from '../../temporal/messages.ts';

/** Stores an operator's signal as a command. A signal that cannot be read becomes a command that is refused. */
export async function storeOperatorRequest(
  pool: Pool,
  merchant: MerchantId,
  contractId: string,
  request: OperatorRequest,
): Promise<void> {
  try {
    await inTransaction(pool, async (tx) => {
      const [known] = await answersOf(tx, merchant, [request.commandId]);
      if (known !== undefined) return; // the activity was repeated
      const { kind, body, effective } = await resolved(tx, merchant, readRequest(request));
      await storeCommand(tx, merchant, {
        contractId,
        id: request.commandId,
        kind,
        body,
        effective,
        actor: 'operator',
      });
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error; // an ended contract accepts no commands
  }
}

interface Read {
  readonly kind: CommandKind;
  readonly body: { readonly variant?: string; readonly [field: string]: unknown };
  readonly effective: string;
}

/** Replaces an external id of the variant by its id. */
async function resolved(tx: Tx, merchant: MerchantId, read: Read): Promise<Read> {
  const { variant } = read.body;
  if (variant === undefined) return read;
  try {
    const id = await resolve(tx, merchant, 'variant', variant, 'variant');
    return { ...read, body: { ...read.body, variant: id } };
  } catch (error) {
    if (error instanceof DomainError) return unreadable(error.message);
    throw error;
  }
}

function readRequest({ kind, argument }: OperatorRequest): Read {
  const fields = typeof argument === 'string' ? { variant: argument, effective: argument } : (argument ?? {});
  const field = (name: string): unknown =>
    typeof fields === 'object' ? Object.entries(fields).find(([key]) => key === name)?.[1] : undefined;
  const when = field('effective') ?? 'now';
  if (kind === 'change') {
    const variant = field('variant');
    const effective = typeof argument === 'string' ? 'now' : when;
    // Postgres refuses other texts, and the activity would be retried for ever.
    if (typeof variant === 'string' && ONE_LINE.test(variant) && isEffective(effective))
      return { kind, body: { kind, variant }, effective };
    return unreadable(
      'upgrade takes a variant id, or { "variant": "…", "effective": "now" | "period_end" | date }',
    );
  }
  const effective = typeof argument === 'string' ? argument : when;
  if (!isEffective(effective))
    return unreadable(`${kind} takes { "effective": "now" | "period_end" | date }`);
  return { kind, body: kind === 'cancel' ? { kind } : { kind, reason: 'operator' }, effective };
}

function unreadable(problem: string): Read {
  return { kind: 'unreadable', body: { kind: 'unreadable', problem }, effective: 'now' };
}

function isEffective(value: unknown): value is string {
  if (value === 'now' || value === 'period_end') return true;
  if (typeof value !== 'string') return false;
  try {
    localDate(value);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
