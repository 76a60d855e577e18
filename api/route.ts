import type { Request, Response } from 'express';
import { z } from 'zod';
import { type Claim, type Resume } from '../db/platform/idempotency.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { ApiKey } from '../db/parties/api-keys.ts';
import type { Db, Pool, Tx } from '../db/platform/pool.ts';
import type { AreaName, Level } from '../domain/parties/scopes.ts';
import type { BodyLimit } from './body.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiErrorCode, Problem } from './errors.ts';
import { requestIdOf } from './request-context.ts';
import { read } from './validate.ts';

/** The media types of answers. */
type MediaType = 'application/json' | 'text/plain' | 'text/csv' | 'application/pdf' | 'image/*';

type Shape = z.ZodType | undefined;
type Output<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

/** Everything that a handler may use besides the parsed request. */
export interface Context<D extends Db = Db> {
  readonly deps: ApiDeps;
  readonly merchant: MerchantId;
  readonly key: ApiKey;
  /** The transaction of the effect, or a pool. */
  readonly db: D;
  /** The actor of commands: `api:<key id>`. */
  readonly actor: string;
  /** The claim on the Idempotency-Key, for routes with the effect `engine`. The engine stores it in its own transaction. */
  readonly claim: Claim | null;
  /** The header `If-Match`, if the request has one. */
  readonly ifMatch: string | null;
  /** The ids that an earlier request with the same Idempotency-Key has stored, for routes with the effect `engine`. */
  readonly resume: Resume | null;
}

/**
 * The effect of a route. `read`: it changes nothing. `transaction`: its handler runs in a transaction, which also stores the
 * Idempotency-Key. `engine`: the engine has its own transaction.
 */
export type Effect = 'read' | 'transaction' | 'engine';

/** The declaration of a route. It yields the validation, the reference page and the types of the handler. */
interface RouteSpec<
  P extends Shape,
  Q extends Shape,
  B extends Shape,
  R extends z.ZodType,
  E extends Effect,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** The path, with `{name}` for parameters. */
  readonly path: string;
  /** The section of the reference page, which also decides the area of the scopes. */
  readonly tag: AreaName;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Level;
  readonly effect: E;
  /** Whether the route computes much and writes nothing. A merchant may have only a few of these under way. */
  readonly previews?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The limit of the body's size, by default 100 kB. */
  readonly bodyLimit?: BodyLimit;
  /** The statuses of success. The first is the usual one. */
  readonly status: readonly [number, ...number[]];
  readonly response: R;
  /** The media type of answers, if it is not JSON. Problems are always JSON. */
  readonly produces?: Exclude<MediaType, 'application/json'>;
  /** The codes of the route's own refusals. Those of all routes are added. */
  readonly errors: readonly ApiErrorCode[];
  /** How an answer with personal data is kept under an Idempotency-Key, as such data is stored only in the vault. */
  readonly personal?: Personal<z.input<R>>;
  /** The version of an object that can be patched, from its answer. It becomes the ETag. */
  etag?(body: z.input<R>): unknown;
}

/** How an answer is kept without its personal data, and restored. */
export interface Personal<T> {
  keep(body: T): object;
  restore(kept: T, context: Context): Promise<T>;
}

/** An answer with its status. Handlers return it if the status is not the usual one. */
export class Reply<T> {
  readonly status: number;
  readonly body: T | Problem;

  constructor(status: number, body: T | Problem) {
    this.status = status;
    this.body = body;
  }
}

/** An answer that is JSON text already. */
export class Written {
  readonly json: Uint8Array;

  constructor(json: Uint8Array) {
    this.json = json;
  }
}

/** A text that is sent while it is made. */
export class StreamAnswer {
  /** The beginning, which exists before anything is sent. */
  readonly head: string;
  readonly rest: AsyncIterable<string>;
  /** The name for the file that a browser saves. */
  readonly filename: string;

  constructor(head: string, rest: AsyncIterable<string>, filename: string) {
    this.head = head;
    this.rest = rest;
    this.filename = filename;
  }
}

/** Whether answers with this media type are files. */
export function isFile(produces: MediaType | undefined): boolean {
  return produces === 'application/pdf' || produces === 'image/*';
}

/** A file. */
export class FileAnswer {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** The SHA-256 of the bytes, in hexadecimal digits. It becomes the ETag. */
  readonly sha256: string;
  /** The name for the file that a browser saves. */
  readonly filename: string;

  constructor(mediaType: string, { bytes, sha256, filename }: Omit<FileAnswer, 'mediaType'>) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.sha256 = sha256;
    this.filename = filename;
  }
}

/** The answer 202 of a route whose file is still being made. */
export class NotYet {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The parts of a request after validation. */
export interface Parsed<P extends Shape, Q extends Shape, B extends Shape> {
  readonly params: Output<P>;
  readonly query: Output<Q>;
  readonly body: Output<B>;
}

type DbOf<E extends Effect> = E extends 'transaction' ? Tx : E extends 'read' ? Pool : Db;

/** A route without its own type parameters. The application and the OpenAPI document are made from these. */
export interface Route {
  readonly spec: RouteSpec<Shape, Shape, Shape, z.ZodType, Effect>;
  /**
   * Validates the parts of a request.
   * @throws InvalidRequest
   */
  readonly parse: (request: Request, json: unknown) => Parsed<Shape, Shape, Shape>;
  /** Calls the handler with the result of `parse`. */
  readonly handle: (parsed: Parsed<Shape, Shape, Shape>, context: Context) => Promise<Reply<unknown>>;
}

/** Declares a route with its handler. */
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
  ) => Promise<z.input<R> | Reply<z.input<R>> | Written | FileAnswer | NotYet>,
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
      if (result instanceof NotYet) return new Reply(202, result);
      return result instanceof Reply ? result : new Reply(spec.status[0], result);
    },
  };
}

const NO_QUERY = z.strictObject({});

/** Sends a reply. Problems have their own media type, and contain the id of the request. */
export function send(
  response: Response,
  { status, body }: Reply<unknown>,
  produces: MediaType = 'application/json',
): void {
  response.status(status);
  if (status === 204) {
    response.end();
    return;
  }
  if (body instanceof NotYet) {
    response.set('Retry-After', String(body.retryAfterSeconds)).end();
    return;
  }
  if (body instanceof FileAnswer) {
    sendFile(response, body);
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

/**
 * Sends a file. A request whose `If-None-Match` has its ETag gets 304. Express itself would ignore that header if the request also
 * has `Cache-Control: no-cache`, which `fetch` adds.
 */
function sendFile(response: Response, { bytes, sha256, filename, mediaType }: FileAnswer): void {
  const etag = `"${sha256}"`;
  response.set('ETag', etag);
  const known = response.req.get('If-None-Match')?.split(',') ?? [];
  if (known.some((each) => each.trim().replace(/^W\//, '') === etag)) {
    response.status(304).end();
    return;
  }
  response.type(mediaType).set('Content-Disposition', `inline; filename="${filename}"`);
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
