import { DomainError } from '../domain/errors.ts';
import type { MerchantId } from './ids.ts';
import { type Db, maybeRow } from './pool.ts';

/** Tables whose rows callers may name by id or by their own external id. */
export type Referable =
  | 'issuers' | 'tax_policies' | 'plan_groups' | 'plans' | 'variants' | 'components' | 'customers' | 'contracts';

/**
 * The id of what a caller names by id or external id.
 * @throws DomainError not_found naming the field, also for what belongs to another merchant
 */
export async function resolveReference(
  db: Db,
  merchant: MerchantId,
  table: Referable,
  reference: string,
  field: string,
): Promise<string> {
  const found = await maybeRow<{ id: string }>(
    db,
    `select id from ${table} where merchant_id = $1 and (id = $2 or external_id = $2) order by id = $2 desc limit 1`,
    [merchant, reference],
  );
  if (found !== null) return found.id;
  throw new DomainError('not_found', `${field} names nothing that is there`, { field });
}
