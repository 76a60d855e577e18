import type { z } from 'zod';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Db } from '../db/platform/pool.ts';
import type { PartyData, Vault, VaultRef } from '../db/parties/vault.ts';
import type { Context, Personal } from './route.ts';
import { issuerPartyOut } from './schemas/parties.ts';

type Party = z.output<typeof issuerPartyOut>;

/**
 * Keeps answers with personal data under an Idempotency-Key without this data, and restores it by its version. So erasure applies to
 * them, too.
 * @param fieldsOf the personal fields of a version of the vault; null stands for erased data
 */
export function withoutPersonal<T extends { readonly id: string; readonly version: number }>(
  fieldsOf: (data: PartyData | null) => Partial<T>,
  subjectOf: (context: Context, id: string) => Promise<string | null>,
): Personal<T> {
  return {
    keep: (body) => ({ ...body, ...fieldsOf(null) }),
    async restore(kept, context) {
      const { db, deps, merchant } = context;
      const subjectId = await subjectOf(context, kept.id);
      const ref = subjectId === null ? null : { subjectId, version: kept.version };
      return { ...kept, ...fieldsOf(ref === null ? null : await deps.vault.open(db, merchant, ref)) };
    },
  };
}

/** Reads one version of a party's data from the vault. Null after erasure. Only issuers have a legal notice. */
export async function partyOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  ref: VaultRef,
): Promise<Party | null> {
  return printedParty(await vault.open(db, merchant, ref));
}

/** The part of a version that documents print. Null after erasure. */
export function printedParty(data: PartyData | null): Party | null {
  return data === null ? null : issuerPartyOut.parse(data);
}
