import { z } from 'zod';
import { CUSTOMER_PURPOSES } from '../../domain/mails/purposes.ts';
import { int, list, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const customerContext = {
  /** The customer's language tag, such as `de-AT`. */
  language: text,
  time_zone: text,
  mail_off: list(z.enum(CUSTOMER_PURPOSES)),
  subject_id: text,
  version: int,
  mail_enabled: truth,
  issuer_subject_id: text,
  issuer_version: int,
  /** Whether the merchant is a test merchant. */
  test: truth,
};

/** The customer and the issuer of a mail, as they are now. */
export type CustomerContext = RowOf<typeof customerContext>;

const selectCustomerContext = statement('contextOfCustomerMail', {
  sql: `
    select u.language, a.time_zone, u.mail_off, u.subject_id, u.subject_version as version,
      i.mail_enabled_at is not null as mail_enabled, i.subject_id as issuer_subject_id, i.subject_version as issuer_version,
      m.live_merchant_id is not null as test
    from billing_accounts a
    join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
    join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
    join merchants m on m.id = a.merchant_id
    where a.merchant_id = :merchant and a.id = :account`,
  params: { merchant: 'text', account: 'text' },
  row: customerContext,
});

/** Loads the customer and the issuer of a mail by its billing account; null if the account was deleted with its test clock. */
export function customerContextOf(
  db: Db,
  merchant: MerchantId,
  account: string,
): Promise<CustomerContext | null> {
  return selectCustomerContext.maybeRow(db, { merchant, account });
}

const merchantContext = { name: text, test: truth };

const selectMerchantContext = statement('contextOfOperatorMail', {
  sql: 'select name, live_merchant_id is not null as test from merchants where id = :merchant',
  params: { merchant: 'text' },
  row: merchantContext,
});

/** Loads the name and the mode of a merchant whose operators get a mail. */
export function merchantContextOf(db: Db, merchant: MerchantId): Promise<RowOf<typeof merchantContext>> {
  return selectMerchantContext.row(db, { merchant });
}
