import { setTimeout as delay } from 'node:timers/promises';
import type { Answered, Caller } from '../support/api.ts';

/** Posts a request. Returns the answer, or null if the request was refused. Throws if the server failed. */
export async function request(caller: Caller, path: string, body?: unknown): Promise<Answered | null> {
  const answer = await caller.post(path, body);
  if (answer.status >= 500)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.status < 300 ? answer : null;
}

/** The id of a command if it was applied, or null if it was refused. Reads a pending command again until it is decided. */
export async function idIfApplied(
  caller: Caller,
  command: { readonly id: string; readonly state: string },
): Promise<string | null> {
  let { state } = command;
  while (state === 'pending') {
    await delay(100);
    ({ state } = accepted(await caller.get(`/v1/commands/${command.id}`)).body);
  }
  return state === 'applied' ? command.id : null;
}

/** Returns an answer. Throws if the request was refused. */
export function accepted(answer: Answered): Answered {
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}
