import { describe, expect, it } from 'vitest';
import { defaultTemplate } from '../../documents/mails/defaults.ts';
import { PLACEHOLDERS, sampleValues } from '../../documents/mails/placeholders.ts';
import { checkTemplate, fillTemplate, htmlOfText } from '../../documents/mails/template.ts';
import { MAIL_PURPOSES } from '../../domain/mails/purposes.ts';
import { LANGUAGES } from '../../domain/parties/languages.ts';
import { refusal } from '../support/refusal.ts';

const TEMPLATE = {
  subject: 'Invoice {{invoice_number}}',
  text: 'Dear {{ customer_name }}, please pay {{amount}}.',
  html: '<p title="{{customer_name}}">Dear {{customer_name}}</p>',
};

describe('a template', () => {
  it('is filled with values', () => {
    const values = { customer_name: 'Ada', invoice_number: 'INV-1', amount: '9.00 EUR' };
    expect(fillTemplate('invoice', TEMPLATE, values)).toEqual({
      subject: 'Invoice INV-1',
      text: 'Dear Ada, please pay 9.00 EUR.',
      html: '<p title="Ada">Dear Ada</p>',
    });
  });

  it('has values with markup escaped in its HTML, and as they are in its text', () => {
    const values = { customer_name: `<b onclick='x'>"A&B"</b>` };
    const filled = fillTemplate('invoice', TEMPLATE, values);
    const escaped = '&lt;b onclick=&#39;x&#39;&gt;&quot;A&amp;B&quot;&lt;/b&gt;';
    expect(filled.html).toBe(`<p title="${escaped}">Dear ${escaped}</p>`);
    expect(filled.text).toBe(`Dear <b onclick='x'>"A&B"</b>, please pay .`);
  });

  it('does not fill placeholders that a value contains', () => {
    const values = { customer_name: '{{amount}}$&', amount: '9.00 EUR' };
    expect(fillTemplate('invoice', TEMPLATE, values).text).toBe('Dear {{amount}}$&, please pay 9.00 EUR.');
  });

  it.each(['A\r\nBcc: x@evil.example', 'A\nB', 'A\u2028B'])(
    'whose subject would have a line break is refused: %j',
    (invoice_number) => {
      const filled = () => fillTemplate('invoice', TEMPLATE, { invoice_number });
      expect(refusal(filled)).toMatchObject({ code: 'invalid_subject', field: 'subject' });
    },
  );

  it('shows an encoded word of a value in a form that no reader decodes', () => {
    const customer_name = '=?utf-8?B?QmNjOiB4QHkueg==?=';
    const { subject } = fillTemplate(
      'invoice',
      { ...TEMPLATE, subject: '{{customer_name}}' },
      { customer_name },
    );
    expect(subject).toBe('= ?utf-8?B?QmNjOiB4QHkueg== ?=');
  });

  it('whose attribute with a placeholder has no quotes is refused', () => {
    const wrong = { ...TEMPLATE, html: '<a href={{customer_name}}>' };
    expect(refusal(() => checkTemplate('invoice', wrong))).toMatchObject({
      code: 'invalid_template',
      field: 'html',
    });
  });

  it('with an unknown placeholder is refused, and the refusal names it', () => {
    const wrong = { ...TEMPLATE, text: 'Dear {{first_name}}' };
    expect(refusal(() => checkTemplate('invoice', wrong))).toMatchObject({
      code: 'invalid_template',
      field: 'text',
      details: { placeholder: 'first_name' },
    });
  });

  it('with a placeholder of another purpose is refused', () => {
    const wrong = { ...TEMPLATE, subject: '{{action_url}}' };
    expect(refusal(() => checkTemplate('invoice', wrong))).toMatchObject({ field: 'subject' });
  });

  it.each(['{{customer_name', 'customer_name}}', '{{{{customer_name}}', '{{}}', '{{constructor}}'])(
    'with broken braces is refused: %s',
    (html) => {
      expect(refusal(() => checkTemplate('invoice', { ...TEMPLATE, html }))).toMatchObject({
        code: 'invalid_template',
        field: 'html',
      });
    },
  );
});

describe('the default templates', () => {
  const all = MAIL_PURPOSES.flatMap((purpose) => LANGUAGES.map((language) => [purpose, language] as const));

  it.each(all)(
    'of %s in %s have only known placeholders, and values for all of them',
    (purpose, language) => {
      const template = defaultTemplate(purpose, language);
      checkTemplate(purpose, template);
      const filled = fillTemplate(purpose, template, sampleValues(language));
      expect(`${filled.subject}${filled.text}${filled.html}`).not.toMatch(/\{\{|undefined/);
      for (const name of PLACEHOLDERS[purpose]) expect(sampleValues(language)[name]).not.toBe('');
    },
  );

  it('say what happened: an invoice in English', () => {
    const filled = fillTemplate('invoice', defaultTemplate('invoice', 'en'), sampleValues('en'));
    expect(filled.text).toBe(
      [
        'Dear Muster GmbH,',
        'please find attached the invoice INV-2026-0042 of 2026-12-01 for 117.81 EUR: Pro monthly.',
        'It is due on 2026-12-15.',
        'Kind regards\nWolkenwerk GmbH',
      ].join('\n\n'),
    );
  });
});

it('the HTML of a text has paragraphs, line breaks and a link', () => {
  const html = htmlOfText('A & B\nC\n\n{{action_url}}\n');
  expect(html).toContain('<p>A &amp; B<br>\nC</p>\n<p><a href="{{action_url}}">{{action_url}}</a></p>');
});
