import type { z } from 'zod';
import { type FieldError, InvalidRequest } from './errors.ts';

/**
 * Validates a part of a request by its schema.
 * @throws InvalidRequest with the paths of the invalid fields, 20 at most
 */
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
      message: 'is an unknown field',
    }));
  }
  if (issue.code === 'invalid_union') {
    // The errors of the alternative with the right type are more precise than "no alternative matches".
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

/** Whether the value is missing. For a union, every alternative must say so. */
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') {
    return issue.errors.length > 0 && issue.errors.every((each) => each.some(isMissing));
  }
  return issue.code === 'invalid_type' && /received undefined/.test(issue.message);
}

/** Longer paths are cut. */
const LONGEST_PATH = 200;

/** The text of a path, such as `components[0].quantity`. The empty path is `body`. */
export function pathText(keys: Path): string {
  const text = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  if (text === '') return 'body';
  const path = text.replace(/^\./, '');
  return path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path;
}
