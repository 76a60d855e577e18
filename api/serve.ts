import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorRequestHandler, Request, Response } from 'express';
import {
  type Claim,
  type KnownKey,
  type Resume,
  claimOf,
  findKey,
  finishKey,
} from '../db/platform/idempotency.ts';
import type { ApiKey } from '../db/parties/api-keys.ts';
import { onBehalfOf } from '../db/platform/call.ts';
import { type Db, inTransaction } from '../db/platform/pool.ts';
import { faultOf } from '../db/platform/transient.ts';
import { DomainError } from '../domain/errors.ts';
import type { Admit } from './admission.ts';
import { shownMode } from './auth.ts';
import { parseJson, rawBody } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { TooManyRequests } from './limits/too-many-requests.ts';
import type { Turns } from './limits/turns.ts';
import { InvalidRequest, type Problem, problem, problemOf } from './errors.ts';
import { logContext } from './request-context.ts';
import { type Context, type Parsed, Reply, type Route, Written, send } from './route.ts';

/** Serves one route: whether the request is let in, for what, whether it was asked before, and then the handler. */
export function serve(
  deps: ApiDeps,
  route: Route,
  { admit, previews }: { readonly admit: Admit; readonly previews: Turns },
): (request: Request, response: Response) => Promise<void> {
  const { spec } = route;
  return (request, response) =>
    admit({ request, response, spec }, async (key) => {
      const body = spec.method === 'get' ? Buffer.alloc(0) : await rawBody(request, response, spec.bodyLimit);
      const json = spec.body === undefined ? undefined : parseJson(request, body);
      const parsed = route.parse(request, json);
      const answered = (): Promise<Reply<unknown>> =>
        onBehalfOf(key.merchant, () => answer(deps, route, { request, body, parsed, key }));
      const reply = await (spec.previews === true ? previews.take(key.merchant, answered) : answered());
      if (deps.checkAnswers === true && reply.status < 300) checkAnswer(route, reply.body);
      if (reply instanceof Replay) response.set('Idempotency-Replayed', 'true');
      send(response, reply, spec.produces);
    });
}

/** The first answer of a known Idempotency-Key, given again. */
class Replay extends Reply<unknown> {}

/** A request that was authenticated and read. */
interface Incoming {
  readonly request: Request;
  readonly body: Buffer;
  readonly parsed: Parsed<undefined, undefined, undefined>;
  readonly key: ApiKey;
}

/** How long a request waits for the answer to an equal one that is under way, looking for it so often. */
const EQUAL_MS = 3_000;
const LOOK_MS = 50;

/** The answer; under an Idempotency-Key whose first request is under way, that one's as soon as there is one. */
async function answer(deps: ApiDeps, route: Route, incoming: Incoming): Promise<Reply<unknown>> {
  for (const until = performance.now() + EQUAL_MS; ;) {
    try {
      return await answerOnce(deps, route, incoming);
    } catch (error) {
      if (!isInProgress(error) || performance.now() >= until) throw error;
      await delay(LOOK_MS);
    }
  }
}

function isInProgress(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'request_in_progress';
}

async function answerOnce(deps: ApiDeps, route: Route, incoming: Incoming): Promise<Reply<unknown>> {
  const idempotencyKey = route.spec.effect === 'read' ? null : idempotencyKeyOf(incoming);
  const known =
    idempotencyKey === null ? null : await findKey(deps.pool, incoming.key.merchant, idempotencyKey.key);
  if (idempotencyKey !== null && known !== null) {
    if (!idempotencyKey.requestHash.equals(known.request_hash)) {
      throw new DomainError('idempotency_key_reused', 'this Idempotency-Key was used for another request');
    }
  }
  const base = {
    deps,
    merchant: incoming.key.merchant,
    key: incoming.key,
    actor: `api:${incoming.key.keyId}`,
    claim: null,
    resume: null,
  };
  if (known !== null && known.status !== null) return replay(route, known.status, known.response, base);
  const { effect } = route.spec;
  if (effect === 'transaction') return inOneTransaction(deps, route, incoming.parsed, base, idempotencyKey);
  if (effect === 'engine') return byEngine(deps, route, incoming.parsed, base, idempotencyKey, known);
  return route.handle(incoming.parsed, { ...base, db: deps.reads });
}

async function replay(route: Route, status: number, kept: unknown, base: Base): Promise<Replay> {
  const { personal } = route.spec;
  // An answer without a body is kept as null.
  if (personal === undefined || status >= 300) return new Replay(status, kept ?? undefined);
  return new Replay(status, await personal.restore(kept, { ...base, db: base.deps.pool }));
}

type Base = Omit<Context, 'db'>;
/** The caller's Idempotency-Key, and what it stands for. */
interface IdempotencyKey {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly claim: Claim;
}

/** Effect, key and answer are one transaction: a crash leaves all of them or none. */
function inOneTransaction(
  deps: ApiDeps,
  route: Route,
  parsed: Incoming['parsed'],
  base: Base,
  idempotencyKey: IdempotencyKey | null,
): Promise<Reply<unknown>> {
  return inTransaction(deps.pool, async (tx) => {
    await idempotencyKey?.claim.take(tx);
    const reply = await route.handle(parsed, { ...base, db: tx });
    if (idempotencyKey !== null) await finish(tx, base, idempotencyKey, storedReply(route, reply));
    return reply;
  });
}

/** The engine takes the key in its own transaction. The same request again continues from the command that the first one stored. */
async function byEngine(
  deps: ApiDeps,
  route: Route,
  parsed: Incoming['parsed'],
  base: Base,
  idempotencyKey: IdempotencyKey | null,
  known: KnownKey | null,
): Promise<Reply<unknown>> {
  const resume = known === null ? null : (known.response as Resume);
  const context = {
    ...base,
    db: deps.pool,
    claim: resume === null ? (idempotencyKey?.claim ?? null) : null,
    resume,
  };
  const reply = await route.handle(parsed, context);
  if (idempotencyKey !== null) await finish(deps.pool, base, idempotencyKey, storedReply(route, reply));
  return reply;
}

/** What is stored of an answer: nothing that only the vault may hold. */
function storedReply(route: Route, reply: Reply<unknown>): Reply<unknown> {
  const { personal } = route.spec;
  return personal === undefined || reply.status >= 300
    ? reply
    : new Reply(reply.status, personal.keep(reply.body));
}

function finish(
  db: Db,
  { merchant }: Base,
  { key, requestHash }: IdempotencyKey,
  { status, body }: Reply<unknown>,
): Promise<void> {
  return finishKey(db, merchant, key, { requestHash, status, body });
}

const KEY = /^[\x21-\x7e]{1,200}$/;

function idempotencyKeyOf({ request, body, key }: Incoming): IdempotencyKey | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  if (typeof header !== 'string' || !KEY.test(header)) {
    throw new InvalidRequest([{ field: 'Idempotency-Key', message: '1 to 200 visible ASCII characters' }]);
  }
  const requestHash = createHash('sha256')
    .update(`${request.method} ${request.originalUrl}\n`)
    .update(body)
    .digest();
  return { key: header, requestHash, claim: claimOf(key.merchant, header, requestHash) };
}

function checkAnswer(route: Route, body: unknown): void {
  const sent: unknown = body === undefined ? undefined : JSON.parse(jsonOf(body));
  const parsed = route.spec.response.safeParse(sent);
  const { method, path } = route.spec;
  if (!parsed.success)
    throw new Error(`${method} ${path} answers otherwise than declared: ${parsed.error.message}`);
  if (!isDeepStrictEqual(parsed.data, sent)) {
    throw new Error(`${method} ${path} answers more than declared: ${JSON.stringify(sent)}`);
  }
}

function jsonOf(body: unknown): string {
  return body instanceof Written ? Buffer.from(body.json).toString() : JSON.stringify(body);
}

/** Every error as a problem: refusals by their code, a lost database as 503, and the rest as 500 with an id. */
export function errorHandler(deps: ApiDeps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const found = toProblem(deps, error, logContext(request, response));
    if (found.status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (found.status === 429 || found.status >= 503) response.set('Retry-After', retryAfter(error));
    if (error instanceof TooManyRequests)
      deps.metrics?.refused({ limit: error.limit, mode: shownMode(request) });
    send(response, new Reply(found.status, found));
  };
}

/** In how many seconds to ask again. */
function retryAfter(error: unknown): string {
  return error instanceof TooManyRequests ? String(error.retryAfter) : '1';
}

function toProblem(deps: ApiDeps, error: unknown, context: object): Problem {
  if (error instanceof DomainError) {
    if (error.code === 'not_computed') deps.log.error({ ...context, err: error }, 'a thread ended');
    return problemOf(error);
  }
  const fault = faultOf(error);
  if (fault === 'busy') {
    deps.log.info({ ...context, err: error }, 'something is locked');
    return problem('busy', 'another request, or a bill, holds what this one needs; asking again is safe');
  }
  if (fault !== null) {
    deps.log.error({ ...context, err: error }, 'the database does not answer');
    return problem('unavailable', 'the database does not answer; asking again later is safe');
  }
  // Express' own: a path that cannot be decoded.
  if (error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400)) {
    return problem('invalid_request', 'the address cannot be read');
  }
  deps.log.error({ ...context, err: error }, 'unexpected error');
  return problem('internal', 'something went wrong here; the id of the request finds it in the log');
}
