import { createHash } from 'node:crypto';
import { storeLogo } from '../../db/parties/logos.ts';
import type { PartyData } from '../../db/parties/vault.ts';
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
