import type { Request, RequestHandler, Response } from 'express';
import { givenUpBy } from '../db/platform/call.ts';
import { DomainError } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';

/** The default time limit. A command waits five seconds for its contract, and a statement is cancelled after ten. */
const REQUEST_MS = 20_000;

/** How many times the limit a stream may take. Each of its pages has the time limit of a statement. */
const STREAM = 30;

interface InTimeOptions {
  /** Whether the answer is a stream, which takes as long as its caller receives. */
  readonly streams?: boolean;
  /** Whether a request is also aborted when its caller has closed the connection. */
  readonly onlyWhileHeard?: boolean;
}

/**
 * Adds a time limit to a handler. A request that takes longer is refused, and its transaction is rolled back.
 * @throws DomainError request_timeout
 */
export function inTime(
  { requestMs = REQUEST_MS }: Pick<ApiDeps, 'requestMs'>,
  handler: (request: Request, response: Response) => Promise<void>,
  { onlyWhileHeard = false, streams = false }: InTimeOptions = {},
): RequestHandler {
  return async (request, response) => {
    const giving = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve, reject) => {
      if (onlyWhileHeard) {
        response.once('close', () => {
          if (response.writableFinished) return;
          resolve();
          giving.abort();
        });
      }
      timer = setTimeout(
        () => {
          reject(
            new DomainError(
              'request_timeout',
              'the request took too long and was aborted; it is safe to repeat it with its Idempotency-Key',
            ),
          );
          giving.abort();
        },
        streams ? requestMs * STREAM : requestMs,
      );
    });
    try {
      await Promise.race([givenUpBy(giving.signal, () => handler(request, response)), over]);
    } finally {
      clearTimeout(timer);
    }
  };
}
