import { z } from 'zod';
import { deleteMailTemplate } from '../../db/mails/templates.ts';
import { readMailSettings, replaceMailSettings } from '../../engine/mails/settings.ts';
import {
  type UsedTemplate,
  previewTemplate,
  readTemplate,
  readTemplates,
  replaceTemplate,
} from '../../engine/mails/templates.ts';
import { type Personal, type Route, route } from '../route.ts';
import {
  mailSettings,
  mailSettingsOut,
  mailTemplate,
  mailTemplateOut,
  templateParams,
  templatePreview,
  templatePreviewOut,
} from '../schemas/mails.ts';

const tag = 'Mails';

const toWire = (template: UsedTemplate): z.output<typeof mailTemplateOut> => ({
  ...template,
  placeholders: [...template.placeholders],
});

/** The addresses are stored only in the vault, so a repeated request reads the settings as they are now. */
const personal: Personal<z.output<typeof mailSettingsOut>> = {
  keep: ({ language }) => ({ language }),
  restore: async (_, { db, deps, merchant }) => settingsOut(await readMailSettings(db, deps.vault, merchant)),
};

function settingsOut({
  operators,
  language,
}: Awaited<ReturnType<typeof readMailSettings>>): z.output<typeof mailSettingsOut> {
  return { operators: [...operators], language };
}

export const mailTemplateRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/mail-templates',
      tag,
      summary: 'List the mail templates of all purposes and languages',
      scope: 'read',
      effect: 'read',
      status: [200],
      response: z.object({ data: z.array(mailTemplateOut) }),
      errors: [],
    },
    async (_, { db, merchant }) => ({ data: (await readTemplates(db, merchant)).map(toWire) }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/mail-templates/{purpose}/{language}',
      tag,
      summary: 'Read a mail template',
      description: "Answers the merchant's own template, or the default one.",
      scope: 'read',
      effect: 'read',
      params: templateParams,
      status: [200],
      response: mailTemplateOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => toWire(await readTemplate(db, merchant, params)),
  ),
  route(
    {
      method: 'put',
      path: '/v1/mail-templates/{purpose}/{language}',
      tag,
      summary: 'Replace a mail template',
      scope: 'admin',
      effect: 'transaction',
      params: templateParams,
      body: mailTemplate,
      bodyLimit: '300kb',
      status: [200],
      response: mailTemplateOut,
      errors: ['invalid_template'],
    },
    async ({ params, body }, { db, merchant }) => {
      await replaceTemplate(db, merchant, params, body);
      return toWire(await readTemplate(db, merchant, params));
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/mail-templates/{purpose}/{language}',
      tag,
      summary: 'Return to the default mail template',
      scope: 'admin',
      effect: 'transaction',
      params: templateParams,
      status: [204],
      response: z.undefined(),
      errors: [],
    },
    async ({ params }, { db, merchant }) => {
      await deleteMailTemplate(db, merchant, params);
      return undefined;
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/mail-templates/preview',
      tag,
      summary: 'Preview a mail template',
      description: 'Fills a template with sample values. Nothing is sent or stored.',
      scope: 'read',
      effect: 'read',
      body: templatePreview,
      bodyLimit: '300kb',
      status: [200],
      response: templatePreviewOut,
      errors: ['invalid_template', 'invalid_subject'],
    },
    async ({ body }, { db, merchant }) => {
      const { purpose, language, template = null } = body;
      return previewTemplate(db, merchant, { purpose, language }, template);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/mail-settings',
      tag,
      summary: "Read where the merchant's operators get mails",
      scope: 'read',
      effect: 'read',
      status: [200],
      response: mailSettingsOut,
      errors: [],
    },
    async (_, { db, deps, merchant }) => settingsOut(await readMailSettings(db, deps.vault, merchant)),
  ),
  route(
    {
      method: 'put',
      path: '/v1/mail-settings',
      tag,
      summary: "Set where the merchant's operators get mails",
      scope: 'admin',
      effect: 'transaction',
      body: mailSettings,
      status: [200],
      response: mailSettingsOut,
      errors: [],
      personal,
    },
    async ({ body }, { db, deps, merchant }) => {
      await replaceMailSettings(db, deps.vault, merchant, body);
      return settingsOut(await readMailSettings(db, deps.vault, merchant));
    },
  ),
];
