import { z } from 'zod';
import { MAIL_PURPOSES, type MailPurpose } from '../../domain/mails/purposes.ts';
import { LANGUAGES, type Language } from '../../domain/parties/languages.ts';
import { instant, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const templateRow = {
  purpose: z.enum(MAIL_PURPOSES),
  language: z.enum(LANGUAGES),
  subject: text,
  text,
  html: text,
  updated_at: instant,
};

/** A merchant's own template of a purpose in a language. */
export type MailTemplateRow = RowOf<typeof templateRow>;

const OF_TEMPLATE = { merchant: 'text', purpose: 'text', language: 'text' } as const;
const TEMPLATE =
  'select purpose, language, subject, text, html, updated_at from mail_templates where merchant_id = :merchant';

const selectTemplate = statement('mailTemplate', {
  sql: `${TEMPLATE} and purpose = :purpose and language = :language`,
  params: OF_TEMPLATE,
  row: templateRow,
});

const selectTemplates = statement('mailTemplates', {
  sql: `${TEMPLATE} order by purpose, language`,
  params: { merchant: 'text' },
  row: templateRow,
});

const putTemplate = statement('putMailTemplate', {
  sql: `
    insert into mail_templates as t (merchant_id, purpose, language, subject, text, html)
    values (:merchant, :purpose, :language, :subject, :text, :html)
    on conflict (merchant_id, purpose, language) do update
      set subject = excluded.subject, text = excluded.text, html = excluded.html, updated_at = clock_timestamp()`,
  params: { ...OF_TEMPLATE, subject: 'text', text: 'text', html: 'text' },
});

const removeTemplate = statement('deleteMailTemplate', {
  sql: 'delete from mail_templates where merchant_id = :merchant and purpose = :purpose and language = :language',
  params: OF_TEMPLATE,
});

export interface TemplateKey {
  readonly purpose: MailPurpose;
  readonly language: Language;
}

export function getMailTemplate(
  db: Db,
  merchant: MerchantId,
  { purpose, language }: TemplateKey,
): Promise<MailTemplateRow | null> {
  return selectTemplate.maybeRow(db, { merchant, purpose, language });
}

/** The merchant's own templates. There are at most two for each purpose. */
export function listMailTemplates(db: Db, merchant: MerchantId): Promise<MailTemplateRow[]> {
  return selectTemplates.rows(db, { merchant });
}

export async function storeMailTemplate(
  db: Db,
  merchant: MerchantId,
  { purpose, language }: TemplateKey,
  texts: { readonly subject: string; readonly text: string; readonly html: string },
): Promise<void> {
  const { subject, text: plain, html } = texts;
  await putTemplate.run(db, { merchant, purpose, language, subject, text: plain, html });
}

/** Deletes a template. Returns false if there was none. */
export async function deleteMailTemplate(
  db: Db,
  merchant: MerchantId,
  { purpose, language }: TemplateKey,
): Promise<boolean> {
  return (await removeTemplate.run(db, { merchant, purpose, language })) > 0;
}
