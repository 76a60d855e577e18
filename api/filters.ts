import type { MerchantId } from '../db/platform/ids.ts';
import type { Db } from '../db/platform/pool.ts';
import { type RefKind, resolve } from '../db/platform/refs.ts';

/**
 * Resolves the references in a list's filter to ids. An unknown id, or one of another merchant, is refused with the name of its
 * field, instead of answered with an empty list. Fields that `kinds` does not name stay as they are.
 * @throws DomainError not_found
 */
export async function resolveFilter<F extends Readonly<Record<string, unknown>>>(
  db: Db,
  merchant: MerchantId,
  filter: F,
  kinds: Partial<Record<keyof F & string, RefKind>>,
): Promise<F> {
  const resolved: Record<string, unknown> = { ...filter };
  for (const [field, kind] of Object.entries(kinds) as [string, RefKind][]) {
    const value = filter[field];
    if (typeof value === 'string') resolved[field] = await resolve(db, merchant, kind, value, field);
  }
  return resolved as F;
}
