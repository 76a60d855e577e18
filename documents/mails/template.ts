import { DomainError } from '../../domain/errors.ts';
import type { MailPurpose } from '../../domain/mails/purposes.ts';
import { ONE_LINE } from '../../domain/text.ts';
import { type MailValues, PLACEHOLDERS, type Placeholder } from './placeholders.ts';

/** Subject, plain text and HTML of a mail, as a template or filled with values. */
export interface MailTexts {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const PARTS = ['subject', 'text', 'html'] as const;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/**
 * Checks that a template has only placeholders of its purpose, and that attributes with placeholders have quotes: escaping does not
 * protect others.
 * @throws DomainError invalid_template, which names the placeholder and the field
 */
export function checkTemplate(purpose: MailPurpose, template: MailTexts): void {
  if (/=\s*\{\{/.test(template.html)) {
    throw new DomainError('invalid_template', 'an attribute with a placeholder needs quotes', {
      field: 'html',
    });
  }
  for (const part of PARTS) replaced(purpose, part, template[part], () => '');
}

/**
 * Fills a template. In the HTML, values are escaped. A placeholder without a value is replaced by an empty text.
 * @throws DomainError invalid_template for an unknown placeholder, invalid_subject if the filled subject is not one line
 */
export function fillTemplate(purpose: MailPurpose, template: MailTexts, values: MailValues): MailTexts {
  const fill = (part: (typeof PARTS)[number], write: (value: string) => string): string =>
    replaced(purpose, part, template[part], (name) => write(values[name] ?? ''));
  // A reader would decode an encoded word of RFC 2047.
  const subject = fill('subject', (value) => value.replaceAll('=?', '= ?'));
  if (!ONE_LINE.test(subject)) {
    throw new DomainError('invalid_subject', 'the subject is not one line of text', { field: 'subject' });
  }
  return { subject, text: fill('text', (value) => value), html: fill('html', escapeHtml) };
}

function replaced(
  purpose: MailPurpose,
  part: string,
  text: string,
  value: (name: Placeholder) => string,
): string {
  const known: readonly Placeholder[] = PLACEHOLDERS[purpose];
  const rest = text.replace(PLACEHOLDER, '');
  const brace = /\{\{|\}\}/.exec(rest);
  if (brace !== null) {
    throw new DomainError('invalid_template', `has ${brace[0]} that belongs to no placeholder`, {
      field: part,
    });
  }
  return text.replace(PLACEHOLDER, (_, written: string) => {
    const name = known.find((each) => each === written.trim());
    if (name !== undefined) return value(name);
    throw new DomainError(
      'invalid_template',
      `the placeholder {{${written.trim().slice(0, 60)}}} is unknown; this purpose has ${known.join(', ')}`,
      { field: part, details: { placeholder: written.trim().slice(0, 60), allowed: known } },
    );
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for HTML, in content and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** The HTML of a plain text with placeholders: a paragraph for each block of lines. An address of the web becomes a link. */
export function htmlOfText(text: string): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((block) => `<p>${escapeHtml(block).replaceAll('\n', '<br>\n')}</p>`)
    .map((block) => block.replaceAll('{{action_url}}', '<a href="{{action_url}}">{{action_url}}</a>'));
  return [
    '<!doctype html>',
    '<html><head><meta charset="utf-8"></head>',
    '<body style="font-family: sans-serif; line-height: 1.5; color: #222; max-width: 40em">',
    ...paragraphs,
    '</body></html>',
    '',
  ].join('\n');
}
