import type { z } from 'zod';
import { type FieldError, InvalidRequest } from './errors.ts';

/** Reads a part of a request by its schema; throws `InvalidRequest` with the path of every field that is wrong. */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.flatMap((issue) => fieldErrors(issue, [])).slice(0, 20));
}

type Path = readonly PropertyKey[];

function fieldErrors(issue: z.core.$ZodIssue, base: Path): FieldError[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: pathText([...path, key.slice(0, 100)]),
      message: 'is not known',
    }));
  }
  if (issue.code === 'invalid_union') {
    // Of the alternatives, the one of the right type tells more than that none of them fits.
    const closest = issue.errors.find((each) => each.length > 0 && !each.some(isOfOtherType));
    if (closest !== undefined) return closest.flatMap((each) => fieldErrors(each, path));
  }
  const code = issue.code === 'custom' ? (issue.params?.['code'] as string | undefined) : undefined;
  return [{ field: pathText(path), message: messageOf(issue), ...(code === undefined ? {} : { code }) }];
}

function isOfOtherType(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function messageOf(issue: z.core.$ZodIssue): string {
  return isMissing(issue) ? 'is missing' : issue.message;
}

/** Nothing was sent: what is wanted is of another type, or each of its alternatives is. */
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') {
    return issue.errors.length > 0 && issue.errors.every((each) => each.some(isMissing));
  }
  return issue.code === 'invalid_type' && /received undefined/.test(issue.message);
}

/** Paths of requests that only a machine could have written are cut. */
const LONGEST_PATH = 200;

/** `components[0].quantity`; the whole is `body`. */
export function pathText(keys: Path): string {
  const text = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  if (text === '') return 'body';
  const path = text.replace(/^\./, '');
  return path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path;
}
