// The types of the client. `npm run typecheck` fails if a line below `@ts-expect-error` compiles; nothing here is executed.
import { expect, expectTypeOf, it } from 'vitest';
import { type ListPath, type TenorClient, createClient } from '../../client/index.ts';
import { clientTypes, typeOf } from '../../dev/client-types.ts';

/** Requests that do not compile, and the types of answers. */
export async function compileOnly(tenor: TenorClient): Promise<void> {
  const invoice = await tenor.get('/v1/invoices/{id}', { id: 'inv_1' });
  expectTypeOf(invoice.gross).toEqualTypeOf<string>();
  expectTypeOf(invoice.kind).toEqualTypeOf<'invoice' | 'credit_note'>();
  // @ts-expect-error -- an invoice has no such field
  void invoice.total;
  // @ts-expect-error -- the id is missing
  await tenor.get('/v1/invoices/{id}');
  // @ts-expect-error -- the path does not exist
  await tenor.get('/v1/bills/{id}', { id: 'inv_1' });
  // @ts-expect-error -- the path has no POST
  await tenor.post('/v1/invoices/{id}', { id: 'inv_1' });
  // @ts-expect-error -- invoices have no such filter
  await tenor.get('/v1/invoices', { costumer: 'ada' });
  // @ts-expect-error -- the filter has other values
  await tenor.get('/v1/invoices', { kind: 'receipt' });

  const order = await tenor.post('/v1/orders', { body: { customer: 'ada', variant: 'pro-monthly' } });
  expectTypeOf(order.contract).toEqualTypeOf<string>();
  // @ts-expect-error -- an order needs a body
  await tenor.post('/v1/orders');
  // @ts-expect-error -- an order has no such field
  await tenor.post('/v1/orders', { body: { customer: 'ada', variant: 'pro-monthly', plan: 'pro' } });
  // @ts-expect-error -- there is no such command
  await tenor.post('/v1/contracts/{id}/commands', { id: 'con_1', body: { kind: 'stop' } });
  await tenor.post('/v1/contracts/{id}/commands', { id: 'con_1', body: { kind: 'pause' } });

  expectTypeOf(await tenor.get('/v1/invoices/{id}/print', { id: 'inv_1' })).toEqualTypeOf<string>();
  expectTypeOf(await tenor.delete('/v1/test-clocks/{id}', { id: 'clk_1' })).toEqualTypeOf<undefined>();
  for await (const each of tenor.list('/v1/contracts')) expectTypeOf(each.id).toEqualTypeOf<string>();
  // @ts-expect-error -- one invoice is no list
  tenor.list('/v1/invoices/{id}', { id: 'inv_1' });
  expectTypeOf<'/v1/customers'>().toExtend<ListPath>();
}

it('a client has a function for each method', () => {
  expect(Object.keys(createClient({ baseUrl: 'http://127.0.0.1', apiKey: 'k' }))).toEqual([
    'get',
    'post',
    'put',
    'patch',
    'delete',
    'list',
  ]);
});

it.each([
  [{ type: 'string' }, 'string'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ enum: ['a', "it's"] }, "'a' | 'it\\'s'"],
  [{ type: 'string', examples: ['a'] }, "'a' | (string & Record<never, never>)"],
  [{ anyOf: [{ type: 'string' }, { const: '' }, { type: 'number' }] }, 'string | number'],
  [{ type: 'array', items: { $ref: '#/components/schemas/Line' } }, 'Line[]'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, "('a' | 'b')[]"],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'Record<string, string>'],
  [
    { type: 'object', properties: { a: { type: 'integer' }, 'b-c': {} }, required: ['a'] },
    "{\n  a: number;\n  'b-c'?: unknown;\n}",
  ],
])('the type of the schema %j is %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});

it('a schema with an unknown keyword is refused instead of becoming unknown', () => {
  expect(() => typeOf({ allOf: [] } as object)).toThrow('no type for the schema {"allOf":[]}');
  expect(() => clientTypes({ paths: {} })).toThrow('components');
});
