// Schemas of the columns that statements return, as the driver reads them.
import { z } from 'zod';
import { type MerchantId } from './ids.ts';

export const text = z.string();
export const truth = z.boolean();
/** A Postgres `integer`. */
export const int = z.int();
/** A Postgres `double precision`. */
export const float = z.number();
/** A Postgres `bigint`, such as an amount in minor units. */
export const bigint = z.bigint();
/** A Postgres `numeric`, as decimal text. */
export const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
/** `2024-01-01T00:00:00.000Z`. */
export const instant = z.string().regex(/^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
/** `2024-01-01`. */
export const date = z.string().regex(/^\d{4,}-\d\d-\d\d$/);
export const bytes = z.instanceof(Uint8Array);
/** A JSON object with arbitrary keys. */
export const object = z.record(z.string(), z.unknown());
export const merchant = z.custom<MerchantId>((value) => typeof value === 'string');

/** A list, in a column of type JSON or array. */
export const list = <S extends z.ZodType>(schema: S) => z.array(schema).readonly();

/**
 * A schema of exactly the values of a type: one that leaves out a field, a kind or a value does not compile. `schemaOf<Phase>()(…)`
 */
export const schemaOf =
  <T>() =>
  <S extends z.ZodType<T>>(schema: S & ([T] extends [z.output<S>] ? unknown : never)): z.ZodType<T> =>
    schema;

const jsonTexts = new WeakSet<object>();

/**
 * A column of JSON that the statement casts to text (`(json_build_object(…))::text`), so that amounts keep all digits: when it is
 * read, a text under a key that ends in `Minor` becomes a bigint. Null stays null.
 */
export function jsonText<S extends z.ZodType>(schema: S): S {
  const column = schema.clone();
  jsonTexts.add(column);
  return column;
}

/** The schema of a column without null. */
export function present(column: z.ZodType): z.ZodType {
  return column instanceof z.ZodNullable ? (column.unwrap() as z.ZodType) : column;
}

/** Whether a column was declared by `jsonText`. */
export function isJsonText(column: z.ZodType): boolean {
  return jsonTexts.has(present(column));
}

/** Parses JSON text. A text under a key that ends in `Minor` becomes a bigint. */
export function parseJsonText(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  );
}

/** The JSON text of a value. A bigint becomes a string. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );
}
