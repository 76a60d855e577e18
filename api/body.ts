import express, { type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '../domain/errors.ts';
import { InvalidRequest } from './errors.ts';
import { pathText } from './validate.ts';

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
 * Reads JSON; a body that was left out is an object without fields. A number with more digits than a double can hold would silently lose some of them, so it becomes an
 * object that no schema takes where it wanted a number: the refusal then names its field. A field that stands twice in
 * one object is refused: readers differ in which of the two they take.
 * @throws DomainError unsupported_media_type, malformed_json, InvalidRequest
 */
export function parseJson(request: Request, body: Buffer): unknown {
  if (body.length === 0 && request.headers['content-type'] === undefined) return {};
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new DomainError('unsupported_media_type', 'the body must be application/json');
  }
  const { json, read } = decode(body);
  // Only what is JSON is looked at by token: a text without an end would cost the square of its length.
  const twice = fieldTwice(json);
  if (twice !== null) throw new InvalidRequest([{ field: twice, message: 'stands twice' }]);
  const exact = json.replace(TOKEN, (token) => (isTooLong(token) ? '{"too_many_digits":true}' : token));
  return exact === json ? read : JSON.parse(exact);
}

function decode(body: Buffer): { readonly json: string; readonly read: unknown } {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { json, read: JSON.parse(json) };
  } catch {
    throw new DomainError('malformed_json', 'the body is not JSON in UTF-8');
  }
}

/** A text, with the colon that makes it a field's name, or a sign of structure. */
const STRUCTURE = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\],]/gs;

/** An object with the names that it has so far, or an array with the index that it is at. */
type Open = { readonly names: Set<string>; at: string } | { readonly names: null; at: number };

/** The path of the first field that stands twice in its object, as refusals write paths; null if none does. */
function fieldTwice(json: string): string | null {
  const open: Open[] = [];
  for (const [sign, text, colon] of json.matchAll(STRUCTURE)) {
    const innermost = open.at(-1);
    if (sign === '{') open.push({ names: new Set(), at: '' });
    else if (sign === '[') open.push({ names: null, at: 0 });
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ',' && innermost?.names === null) innermost.at += 1;
    else if (text !== undefined && colon !== undefined && innermost?.names) {
      innermost.at = JSON.parse(text) as string;
      if (innermost.names.has(innermost.at)) return pathText(open.map(({ at }) => at));
      innermost.names.add(innermost.at);
    }
  }
  return null;
}

function isTooLong(token: string): boolean {
  if (token.startsWith('"') || token.length <= MAX_DIGITS) return false;
  const [mantissa = ''] = token.split(/[eE]/);
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').length > MAX_DIGITS;
}
