import type { z } from 'zod';
import type { MerchantId } from '../db/ids.ts';
import type { Db } from '../db/pool.ts';
import type { Vault, VaultRef } from '../db/vault.ts';
import { partyOut } from './schemas/parties.ts';

type Party = z.output<typeof partyOut>;

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
