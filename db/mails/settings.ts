import { z } from 'zod';
import { LANGUAGES } from '../../domain/parties/languages.ts';
import { int, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import type { VaultRef } from '../parties/vault.ts';

const settingsRow = { language: z.enum(LANGUAGES), subject_id: text, version: int };

/** Where the operators of a merchant get their mails. The addresses are in the vault. */
export type MailSettingsRow = RowOf<typeof settingsRow>;

const selectSettings = statement('mailSettings', {
  sql: 'select language, subject_id, subject_version as version from mail_settings where merchant_id = :merchant',
  params: { merchant: 'text' },
  row: settingsRow,
});

const putSettings = statement('putMailSettings', {
  sql: `
    insert into mail_settings (merchant_id, language, operators, subject_id, subject_version)
    values (:merchant, :language, :operators, :subject, :version)
    on conflict (merchant_id) do update set language = excluded.language, operators = excluded.operators,
      subject_id = excluded.subject_id, subject_version = excluded.subject_version, updated_at = clock_timestamp()`,
  params: { merchant: 'text', language: 'text', operators: 'int', subject: 'text', version: 'int' },
});

export function getMailSettings(db: Db, merchant: MerchantId): Promise<MailSettingsRow | null> {
  return selectSettings.maybeRow(db, { merchant });
}

/** Stores the settings; `operators` is the number of addresses. */
export async function storeMailSettings(
  db: Db,
  merchant: MerchantId,
  { language, operators, subject }: { language: string; operators: number; subject: VaultRef },
): Promise<void> {
  const { subjectId, version } = subject;
  await putSettings.run(db, { merchant, language, operators, subject: subjectId, version });
}
