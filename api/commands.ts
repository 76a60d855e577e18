import { type CommandRow, getCommand } from '../db/contracts/views.ts';
import { found } from '../db/platform/refs.ts';
import { problem } from './errors.ts';
import { type Context, Reply } from './route.ts';
import type { CommandOut } from './schemas/commands.ts';

/** Converts a command to JSON. */
export function commandToWire(row: CommandRow): CommandOut {
  const { kind: _, ...request } = row.body;
  const refusal = row.state === 'refused' ? refusalOf(row) : null;
  return {
    id: row.id,
    contract: row.contract,
    seq: row.seq,
    kind: row.kind,
    effective: row.effective,
    request,
    actor: row.actor,
    asked_at: row.asked_at,
    state: row.state,
    decided_at: row.decided_at,
    document: row.answer?.document_id ?? null,
    scheduled_for: row.answer?.scheduled_for ?? null,
    refusal,
  };
}

function refusalOf({ answer }: CommandRow): NonNullable<CommandOut['refusal']> {
  const field = answer?.field;
  return {
    code: answer?.code ?? 'refused',
    detail: answer?.detail ?? '',
    ...(typeof field === 'string' ? { field } : {}),
  };
}

/**
 * Asks the contract to decide a stored command, and replies with its state (rule 23): applied, pending (202), or refused (409) with
 * the code and the command's id. The command's row decides the answer.
 */
export async function replyWithDecision<T>(
  { deps, merchant }: Context,
  { contractId, commandId }: { contractId: string; commandId: string },
  { applied, toBody }: { applied: 200 | 201; toBody: (command: CommandOut) => T },
): Promise<Reply<T>> {
  await deps.engine.ask(merchant, contractId, commandId);
  const command = commandToWire(found(await getCommand(deps.pool, merchant, commandId), 'command'));
  if (command.refusal !== null) {
    const { code, detail, field } = command.refusal;
    const errors = field === undefined ? {} : { errors: [{ field, message: detail }] };
    return new Reply<T>(
      409,
      problem(code, detail, { status: 409, command: commandId, contract: contractId, ...errors }),
    );
  }
  return new Reply(command.state === 'pending' ? 202 : applied, toBody(command));
}
