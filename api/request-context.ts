import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { ApiKey } from '../db/parties/api-keys.ts';
import { contractWorkflow } from '../temporal/ids.ts';
import type { ApiDeps } from './deps.ts';

/** What is known of a request besides what it asks for. */
interface RequestContext {
  readonly requestId: string;
  /** Who asks; null until the key is found. */
  key: ApiKey | null;
}

/** Of a caller: no text in which a name or an address could stand. */
const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
/** Of an id that we made. What else a path names may be somebody's own name for a person. */
const OWN_ID = /^([a-z]{3})_[0-9a-z]{26}$/;

const contexts = new WeakMap<Response, RequestContext>();

/** Gives each request its id: the caller's own, if it is well-formed. The answer has it, whatever becomes of the request. */
export const identified: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  contexts.set(response, { requestId, key: null });
  response.set('X-Request-Id', requestId);
  next();
};

/** Notes who asks. */
export function noteKey(response: Response, key: ApiKey): void {
  const context = contexts.get(response);
  if (context !== undefined) context.key = key;
}

export function requestIdOf(response: Response): string | undefined {
  return contexts.get(response)?.requestId;
}

/** The fields that all log lines about a request have; nothing of its address, its query or its body. */
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

/** One line for each request, and its metrics. */
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

/** The declared path that took the request; one that none took may be anything. */
function routeOf({ route }: Request): string {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path.replace(/:(\w+)/g, '{$1}') : 'unknown';
}
