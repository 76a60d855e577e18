import { codeOf } from './prepare.ts';

/** Of gRPC: the request itself is wrong, and would be wrong again. */
const INVALID_ARGUMENT = 3;

/** Whether Temporal refused what it was asked for, whoever asks and whenever; the client wraps what the server said. */
export function isRefusal(error: unknown): boolean {
  if (codeOf(error) === INVALID_ARGUMENT) return true;
  return error instanceof Error && error.cause !== undefined && isRefusal(error.cause);
}
