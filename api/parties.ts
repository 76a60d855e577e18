import type { z } from 'zod';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Db } from '../db/platform/pool.ts';
import type { Vault, VaultRef } from '../db/parties/vault.ts';
import type { Context, Personal } from './route.ts';
import { partyOut } from './schemas/parties.ts';

type Party = z.output<typeof partyOut>;

/** How answers that show a party are kept under an Idempotency-Key: by version, so that erasing reaches them, too. */
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

/** A party's data of one version, from the vault; null after erasure. */
export async function partyOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  ref: VaultRef,
): Promise<Party | null> {
  const data = await vault.open(db, merchant, ref);
  return data === null ? null : partyOut.parse(data);
}
