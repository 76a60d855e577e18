import { DomainError } from '../../domain/errors.ts';
import type { MerchantId } from './ids.ts';
import { text } from './columns.ts';
import type { Db } from './pool.ts';
import { statement } from './statement.ts';

/** The kinds of things that a request may name, with their tables. */
const TABLES = {
  issuer: { table: 'issuers', external: true, name: 'issuer' },
  taxPolicy: { table: 'tax_policies', external: true, name: 'tax policy' },
  planGroup: { table: 'plan_groups', external: true, name: 'plan group' },
  plan: { table: 'plans', external: true, name: 'plan' },
  component: { table: 'components', external: true, name: 'component' },
  variant: { table: 'variants', external: true, name: 'variant' },
  customer: { table: 'customers', external: true, name: 'customer' },
  contract: { table: 'contracts', external: true, name: 'contract' },
  account: { table: 'billing_accounts', external: false, name: 'billing account' },
  paymentMethod: { table: 'payment_methods', external: false, name: 'payment method' },
  clock: { table: 'test_clocks', external: false, name: 'test clock' },
  command: { table: 'commands', external: false, name: 'command' },
  subscription: { table: 'component_subscriptions', external: false, name: 'component subscription' },
  document: { table: 'documents', external: false, name: 'document' },
} as const;
export type RefKind = keyof typeof TABLES;

const OF_REFERENCE = { merchant: 'text', reference: 'text' } as const;

const selectById = (kind: RefKind) =>
  statement(`${kind}ById`, {
    sql: `select id from ${TABLES[kind].table} where merchant_id = :merchant and id = :reference`,
    params: OF_REFERENCE,
    row: { id: text },
  });

const selectByEither = (kind: RefKind) =>
  statement(`${kind}ByEitherId`, {
    sql: `select id from ${TABLES[kind].table} where merchant_id = :merchant and (id = :reference or external_id = :reference)
      order by id = :reference desc limit 1`,
    params: OF_REFERENCE,
    row: { id: text },
  });

const kinds = Object.keys(TABLES) as RefKind[];
const byId = new Map(kinds.map((kind) => [kind, selectById(kind)]));
const byEither = new Map(
  kinds.filter((kind) => TABLES[kind].external).map((kind) => [kind, selectByEither(kind)]),
);

/**
 * Finds the id of a thing that a request names by id or, if its kind has one, by external id. If a text is the id of one thing and
 * the external id of another, the id wins.
 * @param field path of the request's field that has the reference; left out for the URL's path, which takes ids only
 * @throws DomainError not_found, also for a thing of another merchant
 */
export async function resolve(
  db: Db,
  merchant: MerchantId,
  kind: RefKind,
  reference: string,
  field?: string,
): Promise<string> {
  const found = await findNamed(db, merchant, kind, reference, field !== undefined);
  if (found !== null) return found;
  throw new DomainError('not_found', `there is no ${TABLES[kind].name} ${reference.slice(0, 60)}`, { field });
}

/** As `resolve`, but returns null if the merchant has no such thing. */
export async function findNamed(
  db: Db,
  merchant: MerchantId,
  kind: RefKind,
  reference: string,
  byExternalId = true,
): Promise<string | null> {
  const select = (byExternalId ? byEither.get(kind) : undefined) ?? byId.get(kind);
  const found = await select?.maybeRow(db, { merchant, reference });
  return found?.id ?? null;
}

/** Returns the row that was found. @throws DomainError not_found if there is none */
export function found<T>(value: T | null | undefined, what: string, field?: string): T {
  if (value !== null && value !== undefined) return value;
  throw new DomainError('not_found', `there is no such ${what}`, { field });
}

const ofExternalId = (kind: 'customer' | 'contract') =>
  statement(`${kind}OfExternalId`, {
    sql: `select id from ${TABLES[kind].table} where merchant_id = :merchant and external_id = :external`,
    params: { merchant: 'text', external: 'text' },
    row: { id: text },
  });
const byExternal = { customer: ofExternalId('customer'), contract: ofExternalId('contract') };

/** Checks that an external id is free. @throws DomainError external_id_taken */
export async function refuseTakenId(
  db: Db,
  merchant: MerchantId,
  kind: 'customer' | 'contract',
  externalId: string | undefined,
): Promise<void> {
  if (externalId === undefined) return;
  const taken = await byExternal[kind].maybeRow(db, { merchant, external: externalId });
  if (taken !== null) throw idTaken();
}

/** Turns Postgres' error for a taken external id into the refusal `external_id_taken`. Use it as `.catch(externalIdTaken)`. */
export function externalIdTaken(error: unknown): never {
  const taken =
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    typeof error.constraint === 'string' &&
    error.constraint.endsWith('_external_id_key');
  if (!taken) throw error;
  throw idTaken();
}

function idTaken(): DomainError {
  return new DomainError('external_id_taken', 'the external id is taken', { field: 'external_id' });
}
