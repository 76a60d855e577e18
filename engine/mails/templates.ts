import {
  type TemplateKey,
  getMailTemplate,
  listMailTemplates,
  storeMailTemplate,
} from '../../db/mails/templates.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { defaultTemplate } from '../../documents/mails/defaults.ts';
import { PLACEHOLDERS, sampleValues } from '../../documents/mails/placeholders.ts';
import { type MailTexts, checkTemplate, fillTemplate } from '../../documents/mails/template.ts';
import { atField } from '../../domain/errors.ts';
import { MAIL_PURPOSES } from '../../domain/mails/purposes.ts';
import { LANGUAGES } from '../../domain/parties/languages.ts';

/** The template that is used for a purpose in a language. */
export interface UsedTemplate extends TemplateKey, MailTexts {
  /** The placeholders that it may have. */
  readonly placeholders: readonly string[];
  /** Null for the default template. */
  readonly updated_at: string | null;
}

/** Returns the merchant's own template, or the default one. */
export async function readTemplate(db: Db, merchant: MerchantId, key: TemplateKey): Promise<UsedTemplate> {
  return usedTemplate(key, await getMailTemplate(db, merchant, key));
}

/** Returns the templates of all purposes and languages. */
export async function readTemplates(db: Db, merchant: MerchantId): Promise<UsedTemplate[]> {
  const own = await listMailTemplates(db, merchant);
  return MAIL_PURPOSES.flatMap((purpose) =>
    LANGUAGES.map((language) => {
      const found = own.find((each) => each.purpose === purpose && each.language === language);
      return usedTemplate({ purpose, language }, found ?? null);
    }),
  );
}

function usedTemplate(
  { purpose, language }: TemplateKey,
  own: (MailTexts & { readonly updated_at: string }) | null,
): UsedTemplate {
  const { subject, text, html } = own ?? defaultTemplate(purpose, language);
  const placeholders = PLACEHOLDERS[purpose];
  return { purpose, language, subject, text, html, placeholders, updated_at: own?.updated_at ?? null };
}

/** Replaces a template. @throws DomainError invalid_template, which names the placeholder */
export async function replaceTemplate(
  db: Db,
  merchant: MerchantId,
  key: TemplateKey,
  texts: MailTexts,
): Promise<void> {
  checkTemplate(key.purpose, texts);
  await storeMailTemplate(db, merchant, key, texts);
}

/**
 * Fills a template with sample values: the given one, or the one that is used. Nothing is sent or stored.
 * @throws DomainError invalid_template, invalid_subject
 */
export async function previewTemplate(
  db: Db,
  merchant: MerchantId,
  key: TemplateKey,
  texts: MailTexts | null,
): Promise<MailTexts> {
  const fill = (template: MailTexts): MailTexts =>
    fillTemplate(key.purpose, template, sampleValues(key.language));
  return texts === null
    ? fill(await readTemplate(db, merchant, key))
    : atField('template', () => fill(texts));
}
