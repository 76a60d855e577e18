import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { ApiKey } from '../db/parties/api-keys.ts';
import { contractWorkflow } from '../temporal/ids.ts';
import type { ApiDeps } from './deps.ts';

/** The id and the API key of a request, for the log and for problems. */
interface RequestContext {
  readonly requestId: string;
  /** The API key. Null until it is found. */
  key: ApiKey | null;
}

/** The form of a request id that a caller may send. It cannot contain an address or a name with spaces. */
const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
/** The form of Tenor's ids. Other texts in a path may be external ids, which may name persons, so they are not logged. */
const OWN_ID = /^([a-z]{3})_[0-9a-z]{26}$/;

const contexts = new WeakMap<Response, RequestContext>();

/** Gives each request an id: the caller's own, if it is well-formed. Every answer has it in the header X-Request-Id. */
export const identified: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  contexts.set(response, { requestId, key: null });
  response.set('X-Request-Id', requestId);
  next();
};

/** Records the API key of a request, for its log lines. */
export function noteKey(response: Response, key: ApiKey): void {
  const context = contexts.get(response);
  if (context !== undefined) context.key = key;
}

/** The id of the request that a response answers. */
export function requestIdOf(response: Response): string | undefined {
  return contexts.get(response)?.requestId;
}

/** The fields of all log lines about a request. They contain nothing of the caller's address, the query or the body. */
export function logContext(request: Request, response: Response): object {
  const { requestId, key } = contexts.get(response) ?? {};
  const params = Object.entries(request.params).filter(([, value]) => OWN_ID.test(String(value)));
  const contract = params.find(([, value]) => String(value).startsWith('con_'));
  return {
    requestId,
    method: request.method,
    route: routeOf(request),
    ...(params.length === 0 ? {} : { ids: Object.fromEntries(params) }),
    ...(contract === undefined ? {} : { workflowId: contractWorkflow(String(contract[1])) }),
    ...(key == null ? {} : { merchant: key.merchant, key: key.keyId }),
  };
}

/** Writes one log line for each request, and counts it in the metrics. */
export function logged({ log, metrics }: ApiDeps): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.on('finish', () => {
      const took = performance.now() - started;
      const { statusCode: status } = response;
      metrics?.request({ method: request.method, route: routeOf(request), status, seconds: took / 1_000 });
      log.info({ ...logContext(request, response), status, ms: Math.round(took) }, 'request');
    });
    next();
  };
}

/** The declared path of the request's route, or `unknown`. Other paths may contain anything. */
function routeOf({ route }: Request): string {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path.replace(/:(\w+)/g, '{$1}') : 'unknown';
}
