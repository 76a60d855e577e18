import express, { type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '../domain/errors.ts';

const upTo = (limit: string): RequestHandler => express.raw({ type: () => true, limit, inflate: false });
const READERS = { '100kb': upTo('100kb'), '1mb': upTo('1mb') };
/** How large a body may be. */
export type BodyLimit = keyof typeof READERS;

/** The body's bytes, at most as many as the limit; none when the request has no body. */
export async function rawBody(
  request: Request,
  response: Response,
  limit: BodyLimit = '100kb',
): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    READERS[limit](request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(bodyError(error, limit));
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function bodyError(error: unknown, limit: BodyLimit): Error {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return new DomainError('payload_too_large', `the body is larger than ${limit}`);
  if (status === 415) return new DomainError('unsupported_media_type', 'content encodings are not taken');
  if (status === 400) return new DomainError('malformed_json', 'the body is not as long as it says');
  return error instanceof Error ? error : new Error(String(error));
}

/** A text, skipped, or a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
const MAX_DIGITS = 15;

/**
 * Reads JSON. A number with more digits than a double can hold would silently lose some of them, so it becomes an
 * object that no schema takes where it wanted a number: the refusal then names its field.
 * @throws DomainError unsupported_media_type, malformed_json
 */
export function parseJson(request: Request, body: Buffer): unknown {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new DomainError('unsupported_media_type', 'the body must be application/json');
  }
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const read: unknown = JSON.parse(json);
    // Only what is JSON is looked at by token: a text without an end would cost the square of its length.
    const exact = json.replace(TOKEN, (token) => (isTooLong(token) ? '{"too_many_digits":true}' : token));
    return exact === json ? read : JSON.parse(exact);
  } catch {
    throw new DomainError('malformed_json', 'the body is not JSON in UTF-8');
  }
}

function isTooLong(token: string): boolean {
  if (token.startsWith('"') || token.length <= MAX_DIGITS) return false;
  const [mantissa = ''] = token.split(/[eE]/);
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').length > MAX_DIGITS;
}
