import { codeOf } from './prepare.ts';

/** The gRPC code for a request that is itself invalid, whenever it is sent. */
const INVALID_ARGUMENT = 3;

/** Whether Temporal refused the request as invalid, so that a retry cannot succeed. The client wraps the server's error. */
export function isRefusal(error: unknown): boolean {
  if (codeOf(error) === INVALID_ARGUMENT) return true;
  return error instanceof Error && error.cause !== undefined && isRefusal(error.cause);
}
