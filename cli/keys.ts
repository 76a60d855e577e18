import { merchantId } from '../db/platform/ids.ts';
import { createApiKey, listApiKeys, merchantOfKey, revokeApiKey } from '../db/parties/api-keys.ts';
import { merchantExists } from '../db/parties/merchants.ts';
import { type Scope } from '../domain/parties/scopes.ts';
import type { Pool } from '../db/platform/pool.ts';
import { table } from './table.ts';

const DAY_MS = 86_400_000;

type Say = (line: string) => void;

/** `tenor key list`: lists the API keys of all merchants. The texts of the keys are not stored. */
export async function listKeys(pool: Pool, say: Say): Promise<number> {
  const keys = await listApiKeys(pool);
  const rows = keys.map((each) => [
    each.id,
    each.state,
    each.expires_at ?? 'never',
    each.last_used_at ?? 'never',
    each.scopes.join(' '),
    each.merchant,
    `${each.merchantName}: ${each.name}`,
  ]);
  for (const line of table(['key', 'state', 'ends', 'last used', 'scopes', 'merchant', 'for'], rows))
    say(line);
  return 0;
}

/** `tenor key make`: makes an API key of a merchant, and prints it. It is shown only once. */
export async function makeKey(
  pool: Pool,
  {
    merchant,
    name,
    scopes,
    days,
  }: { merchant: string; name: string; scopes: readonly Scope[]; days?: number },
  say: Say,
): Promise<number> {
  if (!(await merchantExists(pool, merchant)))
    throw new Error(`no merchant has the id ${merchant}: "tenor key list" shows the ids`);
  const expiresAt = days === undefined ? null : new Date(Date.now() + days * DAY_MS).toISOString();
  const made = await createApiKey(pool, merchantId(merchant), name, scopes, expiresAt);
  say(`${made.keyId}  ${made.key}`);
  return 0;
}

/** `tenor key revoke`: revokes an API key at once. */
export async function revokeKey(pool: Pool, keyId: string, say: Say): Promise<number> {
  const merchant = await merchantOfKey(pool, keyId);
  if (merchant === null || !(await revokeApiKey(pool, merchant, keyId)))
    throw new Error(`there is no valid key ${keyId}`);
  say(`${keyId} is revoked`);
  return 0;
}
