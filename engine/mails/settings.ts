import { z } from 'zod';
import { type MailSettingsRow, getMailSettings, storeMailSettings } from '../../db/mails/settings.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import type { Language } from '../../domain/parties/languages.ts';

/** The addresses and the language of mails to a merchant's operators. */
export interface MailSettings {
  readonly operators: readonly string[];
  readonly language: Language;
}

const data = z.object({ operators: z.array(z.string()) });

/** Reads the settings of a merchant. Without settings, operators get no mail. */
export async function readMailSettings(db: Db, vault: Vault, merchant: MerchantId): Promise<MailSettings> {
  const settings = await getMailSettings(db, merchant);
  if (settings === null) return { operators: [], language: 'en' };
  return { operators: await operatorsOf(db, vault, merchant, settings), language: settings.language };
}

/** The addresses of the operators. */
export async function operatorsOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  { subject_id, version }: Pick<MailSettingsRow, 'subject_id' | 'version'>,
): Promise<string[]> {
  const opened = await vault.open(db, merchant, { subjectId: subject_id, version });
  return opened === null ? [] : data.parse(opened).operators;
}

/** Replaces the settings of a merchant. The addresses are sealed in the vault. */
export async function replaceMailSettings(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  { operators, language }: MailSettings,
): Promise<void> {
  const current = await getMailSettings(tx, merchant);
  const sealed = { name: 'operators', operators };
  const subject =
    current === null
      ? await vault.create(tx, merchant, sealed)
      : await vault.revise(tx, merchant, current.subject_id, sealed);
  await storeMailSettings(tx, merchant, { language, operators: operators.length, subject });
}
