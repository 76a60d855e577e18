import { setTimeout as delay } from 'node:timers/promises';
import type { Answered, Caller } from '../support/api.ts';

/** What was answered, or null where it was refused; what went wrong on our side is thrown. */
export async function asked(caller: Caller, path: string, body?: unknown): Promise<Answered | null> {
  const answer = await caller.post(path, body);
  if (answer.status >= 500)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.status < 300 ? answer : null;
}

/** A command's id once it is applied, else null; one that had no answer in time is read again until it has. */
export async function decided(
  caller: Caller,
  command: { readonly id: string; readonly state: string },
): Promise<string | null> {
  let { state } = command;
  while (state === 'pending') {
    await delay(100);
    ({ state } = made(await caller.get(`/v1/commands/${command.id}`)).body);
  }
  return state === 'applied' ? command.id : null;
}

/** What must not be refused. */
export function made(answer: Answered): Answered {
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}
