import type { z } from 'zod';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Db } from '../db/platform/pool.ts';
import type { Vault, VaultRef } from '../db/parties/vault.ts';
import type { Context, Personal } from './route.ts';
import { partyOut } from './schemas/parties.ts';

type Party = z.output<typeof partyOut>;

/**
 * Keeps answers with a party under an Idempotency-Key without the party's data, and restores them by its version. So erasure
 * applies to them, too.
 */
export function withoutParty<T extends { readonly id: string; readonly version: number }>(
  subjectOf: (context: Context, id: string) => Promise<string | null>,
): Personal<T> {
  return {
    keep: (body) => ({ ...body, party: null }),
    async restore(kept, context) {
      const { db, deps, merchant } = context;
      const subjectId = await subjectOf(context, kept.id);
      const ref = subjectId === null ? null : { subjectId, version: kept.version };
      return { ...kept, party: ref === null ? null : await partyOf(db, deps.vault, merchant, ref) };
    },
  };
}

/** Reads one version of a party's data from the vault. Null after erasure. */
export async function partyOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  ref: VaultRef,
): Promise<Party | null> {
  const data = await vault.open(db, merchant, ref);
  return data === null ? null : partyOut.parse(data);
}
