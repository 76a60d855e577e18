// The types of the client, generated from the OpenAPI document. ADR 30 says why a generator of our own makes them.
import { z } from 'zod';

/** A JSON Schema, with the keywords that our document uses. Keywords that only narrow values, such as `maxLength`, have no type. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
  /** A text of the format `binary` is a file. */
  readonly format?: string;
  /** Known values of a text that may get others in later versions. */
  readonly examples?: readonly unknown[];
}

const content = z.record(z.string(), z.object({ schema: z.custom<Schema>() }));
const operation = z.object({
  summary: z.string(),
  description: z.string(),
  parameters: z
    .array(
      z.object({
        in: z.string(),
        name: z.string(),
        required: z.boolean().default(false),
        description: z.string().exactOptional(),
        schema: z.custom<Schema>(),
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.boolean().default(false), content }).optional(),
  responses: z.record(z.string(), z.object({ content: content.optional() })),
});
type Operation = z.infer<typeof operation>;

const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.custom<Schema>()) }),
});

const HEAD = '// Generated from openapi.json by `npm run client`. Do not edit.\n';

/** Generates the module of types: one for each schema, and `Operations`, by method and path. */
export function clientTypes(openApi: unknown): string {
  const { paths, components } = document.parse(openApi);
  const schemas = Object.entries(components.schemas).map(([name, schema]) => declaration(name, schema));
  const byMethod = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, found] of Object.entries(operations)) {
      byMethod.set(method, [...(byMethod.get(method) ?? []), operationType(path, found)]);
    }
  }
  const methods = [...byMethod].map(([method, entries]) => `${method}: ${block(entries)};`);
  const operations = [
    docstring('The arguments and the answer of each operation, by method and path.'),
    `export interface Operations ${block(methods)}`,
  ].join('');
  return [HEAD, ...schemas, `${operations}\n`].join('\n');
}

function declaration(name: string, schema: Schema): string {
  const type = typeOf(schema);
  const declared = isObject(schema)
    ? `export interface ${name} ${type}\n`
    : `export type ${name} = ${type};\n`;
  return docstring(schema.description) + declared;
}

/** The parameters of an operation by their names, and its body as `body`. */
function operationType(path: string, { parameters, requestBody, responses, ...texts }: Operation): string {
  const named = parameters.filter((each) => each.in === 'path' || each.in === 'query');
  const args = named.map((each) => member(each.name, withText(each.schema, each.description), each.required));
  const json = requestBody?.content['application/json'];
  if (json !== undefined) args.push(member('body', json.schema, requestBody?.required === true));
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content: bodies }]) => Object.values(bodies ?? {}).map(({ schema }) => typeOf(schema)));
  const type = block([
    `args: ${args.length === 0 ? 'Record<string, never>' : block(args)};`,
    `answer: ${union(answers.length === 0 ? ['undefined'] : answers)};`,
  ]);
  return `${docstring(`${texts.summary}\n\n${texts.description}`)}'${path}': ${type};`;
}

function member(name: string, schema: Schema, required: boolean): string {
  const key = /^[a-z_]\w*$/i.test(name) ? name : `'${name}'`;
  return `${docstring(schema.description)}${key}${required ? '' : '?'}: ${typeOf(schema)};`;
}

/** The type of a schema. It throws on a schema that it does not know, so that nothing becomes `unknown` by accident. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map(typeOf));
  if (Array.isArray(schema.type)) {
    return union(schema.type.map((type: string) => typeOf({ ...schema, type })));
  }
  switch (schema.type) {
    case 'string':
      if (schema.format === 'binary') return 'Uint8Array';
      return schema.examples === undefined
        ? 'string'
        : union([...schema.examples.map(literal), '(string & Record<never, never>)']);
    case 'boolean':
    case 'number':
    case 'null':
      return schema.type;
    case 'integer':
      return 'number';
    case 'array':
      return arrayOf(schema.items ?? {});
    case 'object':
      return objectOf(schema);
    case undefined:
      if (Object.keys(schema).every((key) => key === 'description')) return 'unknown';
      break;
    default:
  }
  throw new Error(`no type for the schema ${JSON.stringify(schema)}`);
}

function objectOf({ properties, required, additionalProperties }: Schema): string {
  if (properties === undefined) {
    return typeof additionalProperties === 'object'
      ? `Record<string, ${typeOf(additionalProperties)}>`
      : 'Record<string, unknown>';
  }
  return block(
    Object.entries(properties).map(([name, each]) => member(name, each, required?.includes(name) === true)),
  );
}

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, '\\$&')}'` : JSON.stringify(value);
/** A union without what it says twice: a text of any value includes the literal ones. */
function union(types: readonly string[]): string {
  const all = new Set(types);
  return [...all].filter((type) => !type.startsWith("'") || !all.has('string')).join(' | ');
}
const isObject = (schema: Schema): boolean =>
  schema.properties !== undefined && (schema.anyOf ?? schema.oneOf) === undefined;
function arrayOf(items: Schema): string {
  const type = typeOf(items);
  return isObject(items) || /^\w+$/.test(type) ? `${type}[]` : `(${type})[]`;
}
const withText = (schema: Schema, description?: string): Schema =>
  description === undefined ? schema : { description, ...schema };
const block = (lines: readonly string[]): string =>
  lines.length === 0 ? '{}' : `{\n${lines.join('\n').replaceAll(/^(?=.)/gm, '  ')}\n}`;

function docstring(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  const lines = text.replaceAll('*/', '*\\/').split('\n');
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}
