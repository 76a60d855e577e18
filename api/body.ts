import express, { type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '../domain/errors.ts';
import { InvalidRequest } from './errors.ts';
import { pathText } from './validate.ts';

const upTo = (limit: string): RequestHandler => express.raw({ type: () => true, limit, inflate: false });
const READERS = { '100kb': upTo('100kb'), '300kb': upTo('300kb'), '1mb': upTo('1mb') };
/** The limit of a body's size. */
export type BodyLimit = keyof typeof READERS;

/**
 * Reads the bytes of a body. Without a body it returns an empty buffer.
 * @throws DomainError payload_too_large, unsupported_media_type, malformed_json
 */
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
  if (status === 413)
    return new DomainError('payload_too_large', `the body is larger than ${limit}`, { field: 'body' });
  if (status === 415)
    return new DomainError('unsupported_media_type', 'the body must not have a content encoding');
  if (status === 400)
    return new DomainError('malformed_json', 'the length of the body differs from its Content-Length');
  return error instanceof Error ? error : new Error(String(error));
}

/** A text, which is skipped, or a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
const MAX_DIGITS = 15;

/**
 * Parses a body as JSON. An omitted body becomes an object without fields. A number with more digits than a double can represent
 * would silently lose some of them. It becomes an object, which no schema accepts, so that the refusal names its field. A field
 * that appears twice in one object is refused, because parsers differ in which of the two they use.
 * @throws DomainError unsupported_media_type, malformed_json, InvalidRequest
 */
export function parseJson(request: Request, body: Buffer): unknown {
  if (body.length === 0 && request.headers['content-type'] === undefined) return {};
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new DomainError('unsupported_media_type', 'the body must be application/json');
  }
  const { json, read } = decode(body);
  // Tokens are searched only in valid JSON: a text without an end would cost time quadratic in its length.
  const twice = fieldTwice(json);
  if (twice !== null) throw new InvalidRequest([{ field: twice, message: 'appears twice' }]);
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

/** A text, with the colon that follows a field's name, or a structural character. */
const STRUCTURE = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\],]/gs;

/** An object with the field names read so far, or an array with the current index. */
type Open = { readonly names: Set<string>; at: string } | { readonly names: null; at: number };

/** The path of the first field that appears twice in its object, in the form that refusals use. Null if there is none. */
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
