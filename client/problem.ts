import type { Problem } from './types.ts';

/** A field of the request that Tenor refused. `field` is a path such as `components[0].quantity`. */
export type ProblemField = NonNullable<Problem['errors']>[number];

/** The refusal of a request. `code` is stable; the message is for people and may change. */
export class TenorProblem extends Error {
  override readonly name = 'TenorProblem';
  readonly status: number;
  /** The stable code. It is `unexpected_answer` if the answer has none, for example because a proxy gave it. */
  readonly code: Problem['code'] | 'unexpected_answer';
  /** The refused fields of the request. */
  readonly fields: readonly ProblemField[];
  /** The id of the request, as in Tenor's log. */
  readonly requestId: string | undefined;
  /** After how many milliseconds Tenor accepts the request again, if it said so. */
  readonly retryAfterMs: number | undefined;
  /** The whole problem, with details such as ids and limits. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(request: string, response: Response, body: string) {
    const problem = parsed(body);
    const code = textOf(problem.code);
    super(
      `${request} answered ${response.status} ${code ?? ''}: ${textOf(problem.detail) ?? body.slice(0, 200)}`,
    );
    this.status = response.status;
    this.code = code ?? 'unexpected_answer';
    this.fields = Array.isArray(problem.errors) ? (problem.errors as ProblemField[]) : [];
    this.requestId = textOf(problem.request_id) ?? response.headers.get('x-request-id') ?? undefined;
    this.retryAfterMs = afterMs(response.headers.get('retry-after'));
    this.problem = problem;
  }

  /** Whether the same request, with the same Idempotency-Key, may succeed later. 202: a file is still being made. */
  get mayBeRepeated(): boolean {
    return [202, 429, 502, 503, 504].includes(this.status) || this.code === 'request_in_progress';
  }
}

/** Tenor gave no answer: it could not be reached, the connection broke, or the time limit passed. */
export class TenorUnreachable extends Error {
  override readonly name = 'TenorUnreachable';
  /** The key to repeat the request with. The request may have been executed. */
  readonly idempotencyKey: string | undefined;

  constructor(request: string, idempotencyKey: string | undefined, cause: unknown) {
    super(`${request} got no answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

function parsed(body: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Reads `Retry-After`: a number of seconds, or a date. */
function afterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? 1_000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
