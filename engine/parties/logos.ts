import { createHash } from 'node:crypto';
import { z } from 'zod';
import { getIssuer } from '../../db/parties/issuers.ts';
import { loadLogo, storeLogo } from '../../db/parties/logos.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import { found } from '../../db/platform/refs.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import type { PrintedLogo } from '../../documents/document.ts';
import { checkLogo } from '../../documents/pdf/logo.ts';

/** Adds the description of a picture to the data of an issuer, and stores the picture. @throws DomainError invalid_logo */
export async function withLogo(
  db: Db,
  merchant: MerchantId,
  data: PartyData,
  picture: Uint8Array | null,
): Promise<PartyData> {
  if (picture === null) return data;
  const { mediaType: media_type, width, height } = checkLogo(picture);
  const sha256 = createHash('sha256').update(picture).digest('hex');
  await storeLogo(db, merchant, sha256, picture);
  const logo: PrintedLogo = { sha256, media_type, width, height };
  return { ...data, logo };
}

/** The picture of the logo that an issuer prints now. @throws DomainError not_found, also if it has none */
export async function readIssuerLogo(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  id: string,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string; readonly mediaType: string }> {
  const { subject_id: subjectId, version } = found(await getIssuer(db, merchant, id), 'issuer');
  const data = await vault.open(db, merchant, { subjectId, version });
  const { sha256, media_type: mediaType } = found(named.catch(null).parse(data?.['logo'] ?? null), 'logo');
  return { bytes: await loadLogo(db, merchant, sha256), sha256, mediaType };
}

const named = z.object({ sha256: z.string(), media_type: z.string() }).nullable();
