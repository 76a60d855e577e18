import { DomainError } from '../../domain/errors.ts';

/** An error as plain data. An `Error` that is sent to another thread loses its class and its fields. */
export type Failure =
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly field: string | undefined;
      readonly details: Record<string, unknown>;
    }
  | {
      readonly kind: 'failed';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** The error's own fields that are texts, such as Postgres' code. */
      readonly fields: Readonly<Record<string, string>>;
    };

/** Converts an error to plain data. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DomainError) {
    const { code, message, field, details } = error;
    return { kind: 'refused', code, message, field, details };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const fields = Object.entries(error instanceof Error ? error : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { kind: 'failed', name, message, stack, fields: Object.fromEntries(fields) };
}

/** Restores an error from plain data. */
export function errorOf(failure: Failure): Error {
  if (failure.kind === 'refused') {
    const { code, message, field, details } = failure;
    return new DomainError(code, message, { field, details });
  }
  const { name, message, stack, fields } = failure;
  return Object.assign(new Error(message), { name, stack, ...fields });
}
