import type { Request, Response } from 'express';
import { z } from 'zod';
import { type Claim, type Resume } from '../db/platform/idempotency.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { ApiKey } from '../db/parties/api-keys.ts';
import type { Db, Tx } from '../db/platform/pool.ts';
import type { AreaName, Level } from '../domain/parties/scopes.ts';
import type { BodyLimit } from './body.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiErrorCode, Problem } from './errors.ts';
import { requestIdOf } from './request-context.ts';
import { read } from './validate.ts';

type Shape = z.ZodType | undefined;
type Output<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler may use besides the parsed request. */
export interface Context<D extends Db = Db> {
  readonly deps: ApiDeps;
  readonly merchant: MerchantId;
  readonly key: ApiKey;
  /** The transaction of the effect, or the pool. */
  readonly db: D;
  /** `api:<key id>`: who asks. */
  readonly actor: string;
  /** Of an engine's route: to be taken in the engine's own transaction. */
  readonly claim: Claim | null;
  /** Of an engine's route: what the same request had begun before. */
  readonly resume: Resume | null;
}

/**
 * Where a route's effect lies. `read`: none. `transaction`: the handler runs in one, with the caller's
 * Idempotency-Key. `engine`: the engine has its own.
 */
export type Effect = 'read' | 'transaction' | 'engine';

/** One declaration gives validation, the reference page and the types of the handler. */
interface RouteSpec<
  P extends Shape,
  Q extends Shape,
  B extends Shape,
  R extends z.ZodType,
  E extends Effect,
> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Under the server's root, with `{name}` for parameters. */
  readonly path: string;
  /** The chapter of the reference page, and the area of the scopes. */
  readonly tag: AreaName;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Level;
  readonly effect: E;
  /** It computes much and writes nothing: a merchant has few of these under way at once. */
  readonly previews?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** 100 kB unless it says otherwise. */
  readonly bodyLimit?: BodyLimit;
  /** Statuses of success; the first is the usual one. */
  readonly status: readonly [number, ...number[]];
  readonly response: R;
  /** What an answer is, if it is not JSON; problems always are. */
  readonly produces?: 'text/plain';
  /** Its own refusals; those of all routes are added. */
  readonly errors: readonly ApiErrorCode[];
  /** For answers with personal data, which only the vault keeps: what is kept of them under an Idempotency-Key. */
  readonly personal?: Personal<z.input<R>>;
}

/** How an answer with personal data is kept without it, and made whole again. */
export interface Personal<T> {
  keep(body: T): object;
  restore(kept: T, context: Context): Promise<T>;
}

/** An answer with another status than the usual one. */
export class Reply<T> {
  readonly status: number;
  readonly body: T | Problem;

  constructor(status: number, body: T | Problem) {
    this.status = status;
    this.body = body;
  }
}

/** An answer that is written in JSON already. */
export class Written {
  readonly json: Uint8Array;

  constructor(json: Uint8Array) {
    this.json = json;
  }
}

export interface Parsed<P extends Shape, Q extends Shape, B extends Shape> {
  readonly params: Output<P>;
  readonly query: Output<Q>;
  readonly body: Output<B>;
}

type DbOf<E extends Effect> = E extends 'transaction' ? Tx : Db;

/** A route whose types are closed over: what the application and the OpenAPI document are made from. */
export interface Route {
  readonly spec: RouteSpec<Shape, Shape, Shape, z.ZodType, Effect>;
  /** Reads the request's parts by the schemas; throws `InvalidRequest`. */
  readonly parse: (request: Request, json: unknown) => Parsed<Shape, Shape, Shape>;
  /** Asks the handler, with what `parse` gave. */
  readonly handle: (parsed: Parsed<Shape, Shape, Shape>, context: Context) => Promise<Reply<unknown>>;
}

/** Declares a route. */
export function route<
  R extends z.ZodType,
  E extends Effect,
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends Shape = undefined,
>(
  spec: RouteSpec<P, Q, B, R, E>,
  handler: (
    parsed: Parsed<P, Q, B>,
    context: Context<DbOf<E>>,
  ) => Promise<z.input<R> | Reply<z.input<R>> | Written>,
): Route {
  return {
    spec,
    parse: (request, json) => ({
      params: spec.params === undefined ? undefined : read(spec.params, request.params),
      query: read(spec.query ?? NO_QUERY, request.query),
      body: spec.body === undefined ? undefined : read(spec.body, json),
    }),
    handle: async (parsed, context) => {
      const result = await handler(parsed, context as Context<DbOf<E>>);
      return result instanceof Reply ? result : new Reply(spec.status[0], result);
    },
  };
}

const NO_QUERY = z.strictObject({});

/** Sends a reply; problems have their own type of content, and name the request. */
export function send(
  response: Response,
  { status, body }: Reply<unknown>,
  produces: 'application/json' | 'text/plain' = 'application/json',
): void {
  response.status(status);
  if (status === 204) {
    response.end();
    return;
  }
  if (body instanceof Written) {
    response.type(produces).send(Buffer.from(body.json.buffer, body.json.byteOffset, body.json.byteLength));
    return;
  }
  const isText = status < 400 && produces === 'text/plain';
  response.type(status >= 400 ? 'application/problem+json' : produces);
  const requestId = requestIdOf(response);
  const named =
    status >= 400 && requestId !== undefined ? { ...(body as object), request_id: requestId } : body;
  response.send(isText ? body : JSON.stringify(named));
}
