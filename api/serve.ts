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
import { sendStream } from './csv.ts';
import { etagOf } from './etag.ts';
import type { ApiDeps } from './deps.ts';
import { TooManyRequests } from './limits/too-many-requests.ts';
import type { Turns } from './limits/turns.ts';
import { InvalidRequest, type Problem, problem, problemOf } from './errors.ts';
import { logContext } from './request-context.ts';
import {
  type Context,
  type Parsed,
  Reply,
  type Route,
  StreamAnswer,
  Written,
  isFile,
  send,
} from './route.ts';

/** Returns the handler of one route: it admits the request, validates it, looks up its Idempotency-Key, and answers it. */
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
      if (reply.body instanceof StreamAnswer) {
        const stream = reply.body;
        await onBehalfOf(key.merchant, () => sendStream(response, stream));
        return;
      }
      if (deps.checkAnswers === true && reply.status < 300 && !isFile(route.spec.produces))
        checkAnswer(route, reply.body);
      if (reply instanceof Replay) response.set('Idempotency-Replayed', 'true');
      if (spec.etag !== undefined && reply.status === 200) {
        response.set('ETag', etagOf(spec.etag(reply.body)));
      }
      send(response, reply, spec.produces);
    });
}

/** The repetition of the first answer under an Idempotency-Key. */
class Replay extends Reply<unknown> {}

/** A request that was authenticated and validated. */
interface Incoming {
  readonly request: Request;
  readonly body: Buffer;
  readonly parsed: Parsed<undefined, undefined, undefined>;
  readonly key: ApiKey;
}

/** How long a request waits for an equal one that is under way, and how often it looks for the answer. */
const EQUAL_MS = 3_000;
const LOOK_MS = 50;

/** Answers a request. If the first request under its Idempotency-Key is still under way, it waits for that answer. */
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
    ifMatch: incoming.request.get('if-match') ?? null,
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
  // An answer without a body is stored as null.
  if (personal === undefined || status >= 300) return new Replay(status, kept ?? undefined);
  return new Replay(status, await personal.restore(kept, { ...base, db: base.deps.pool }));
}

type Base = Omit<Context, 'db'>;
/** The caller's Idempotency-Key, with the hash of its request. */
interface IdempotencyKey {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly claim: Claim;
}

/** Stores effect, Idempotency-Key and answer in one transaction, so that a crash leaves all of them or none. */
function inOneTransaction(
  deps: ApiDeps,
  route: Route,
  parsed: Incoming['parsed'],
  base: Base,
  idempotencyKey: IdempotencyKey | null,
): Promise<Reply<unknown>> {
  return inTransaction(deps.pool, async (tx) => {
    await idempotencyKey?.claim.store(tx);
    const reply = await route.handle(parsed, { ...base, db: tx });
    if (idempotencyKey !== null) await finish(tx, base, idempotencyKey, storedReply(route, reply));
    return reply;
  });
}

/**
 * Answers a request whose effect the engine stores. The engine stores the key in its own transaction. A repeated request continues
 * with the command that the first one stored.
 */
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

/** The stored form of an answer, without personal data. */
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
    throw new InvalidRequest([
      { field: 'Idempotency-Key', message: 'must be 1 to 200 visible ASCII characters' },
    ]);
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
    throw new Error(`the answer of ${method} ${path} does not match its schema: ${parsed.error.message}`);
  if (!isDeepStrictEqual(parsed.data, sent)) {
    throw new Error(`the answer of ${method} ${path} has undeclared fields: ${JSON.stringify(sent)}`);
  }
}

function jsonOf(body: unknown): string {
  return body instanceof Written ? Buffer.from(body.json).toString() : JSON.stringify(body);
}

/**
 * Converts every error to a problem. A refusal gets the status of its code, a busy or lost database 503, and everything else 500.
 * The log has the details under the id of the request.
 */
export function errorHandler(deps: ApiDeps): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (response.headersSent) {
      toProblem(deps, error, logContext(request, response)); // logs it
      response.destroy(); // the caller sees that the answer is not whole
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

/** After how many seconds to repeat the request. */
function retryAfter(error: unknown): string {
  return error instanceof TooManyRequests ? String(error.retryAfter) : '1';
}

function toProblem(deps: ApiDeps, error: unknown, context: object): Problem {
  if (error instanceof DomainError) {
    if (error.code === 'not_computed') {
      deps.log.error({ ...context, err: error }, 'a calculating thread ended unexpectedly');
    }
    return problemOf(error);
  }
  const fault = faultOf(error);
  if (fault === 'busy') {
    deps.log.info({ ...context, err: error }, 'rows that the request needs are locked');
    return problem(
      'busy',
      'another request, or a bill, has locked data that this request needs; it is safe to repeat it',
    );
  }
  if (fault !== null) {
    deps.log.error({ ...context, err: error }, 'the database does not answer');
    return problem('unavailable', 'the database does not answer; it is safe to repeat the request later');
  }
  // An error of Express: the path cannot be decoded.
  if (error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400)) {
    return problem('invalid_request', 'the path of the request cannot be decoded');
  }
  deps.log.error({ ...context, err: error }, 'unexpected error');
  return problem('internal', 'the server failed; its log has the details under the id of this request');
}
