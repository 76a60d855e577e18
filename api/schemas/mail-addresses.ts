import { z } from 'zod';
import { CUSTOMER_PURPOSES, type CustomerPurpose } from '../../domain/mails/purposes.ts';

/** The characters of HTML's form of a mail address; a domain has at least two parts, the last of which is no number. */
const LOCAL_PART = /[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*/;
const LABEL = /[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?/;
const TOP = /(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,57}[A-Za-z0-9])/;

/** One mail address, without a name. */
export const mailAddress = z
  .email({
    pattern: new RegExp(`^${LOCAL_PART.source}@(?:${LABEL.source}\\.)+${TOP.source}$`),
    error: ({ input }) =>
      /[^\0-\x7f]/.test(String(input))
        ? 'must be a mail address; write the name of an international domain in its ASCII form, xn--…'
        : 'must be a mail address',
  })
  .max(200);

const addresses = z
  .strictObject({
    to: z.array(mailAddress).min(1).max(10),
    cc: z.array(mailAddress).max(10).default([]),
  })
  .meta({ id: 'MailAddresses' });
const addressesOut = z
  .object({ to: z.array(z.string()), cc: z.array(z.string()) })
  .meta({ id: 'MailAddressesData' });

type Key = CustomerPurpose | 'default';

function byPurpose<S extends z.ZodType>(schema: S): Record<Key, z.ZodExactOptional<S>> {
  const keys: readonly Key[] = ['default', ...CUSTOMER_PURPOSES];
  return Object.fromEntries(keys.map((key) => [key, schema.exactOptional()])) as Record<
    Key,
    z.ZodExactOptional<S>
  >;
}

/** The addresses of a customer by purpose. */
export const mailAddresses = z.strictObject(byPurpose(addresses)).meta({
  id: 'CustomerMailAddresses',
  description:
    'The recipients of mails by purpose. `default` is for purposes without addresses of their own. Without it, mails go to ' +
    'the `email` of the party. They are stored only in the vault.',
  example: { invoice: { to: ['accounting@nordlicht.example'], cc: [] } },
});
export const mailAddressesOut = z.object(byPurpose(addressesOut)).meta({ id: 'CustomerMailAddressesData' });

/** The purposes for which a customer gets no mail. */
export const mailOff = z
  .array(z.enum(CUSTOMER_PURPOSES))
  .max(CUSTOMER_PURPOSES.length)
  .meta({
    description: 'The purposes for which the customer gets no mail.',
    example: ['receipt'],
  });
