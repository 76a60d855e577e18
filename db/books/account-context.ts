import type { Credit, OpenReceivable } from '../../domain/books/allocation.ts';
import type { OneTimePlace } from '../../domain/books/one-time.ts';
import { TAX_RATES_OF } from '../catalogue/fragments.ts';
import { type Db, row } from '../platform/pool.ts';
import type { MerchantId } from '../platform/ids.ts';

/** What a document needs to know of the account that it goes to, and how it is paid there. */
export interface AccountContext {
  readonly merchantId: MerchantId;
  readonly accountId: string;
  readonly clockId: string | null;
  readonly paymentTermDays: number;
  readonly issuer: {
    readonly id: string;
    readonly zone: string;
    readonly subjectId: string;
    readonly version: number;
  };
  /** The customer's, as it was given: `de-AT`. */
  readonly language: string;
  /** The customer's pattern of `domain/books/title.ts`. */
  readonly invoiceTitle: string | null;
  readonly recipient: { readonly subjectId: string; readonly version: number };
  readonly patterns: { readonly invoice: string; readonly credit_note: string };
  /** The contract's, if there is one and it has one; else the account's. */
  readonly paymentMethod: { readonly id: string; readonly provider: string } | null;
  /** Oldest first. */
  readonly credits: readonly Credit[];
  /** Oldest first; `collected` ones have a collection of their own, beyond the contract's first attempt. */
  readonly openReceivables: readonly (OpenReceivable & { readonly collected: boolean })[];
}

/** As JSON: of account `a`, its customer `u` and issuer `i`, for contract `c`, which may be none. */
export const ACCOUNT_CONTEXT = `json_build_object(
  'merchantId', a.merchant_id, 'accountId', a.id, 'clockId', a.clock_id, 'paymentTermDays', a.payment_term_days,
  'issuer', json_build_object('id', i.id, 'zone', i.time_zone, 'subjectId', i.subject_id, 'version', i.subject_version),
  'language', u.language, 'invoiceTitle', u.invoice_title, 'recipient', json_build_object('subjectId', u.subject_id, 'version', u.subject_version),
  'patterns', (select json_object_agg(kind, pattern) from number_series where merchant_id = a.merchant_id and issuer_id = i.id),
  'paymentMethod', (select json_build_object('id', id, 'provider', provider) from payment_methods
      where merchant_id = a.merchant_id and id = coalesce(c.payment_method_id, a.payment_method_id) and removed_at is null),
  'credits', (select coalesce(json_agg(json_build_object('id', id, 'leftMinor', left_minor::text) order by effective_at, id), '[]')
      from credits where merchant_id = a.merchant_id and account_id = a.id and left_minor > 0),
  'openReceivables', (select coalesce(json_agg(json_build_object('id', r.id, 'openMinor', r.open_minor::text,
        'underWay', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state in ('sent', 'pending', 'requires_action', 'unknown')),
        'collected', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state <> 'planned')) order by r.effective_at, r.id), '[]')
      from (select * from receivables where merchant_id = a.merchant_id and account_id = a.id and open_minor > 0
            order by effective_at, id limit 100) r))`;

/** JSON text that the database wrote of a `T`. */
export type Json<T> = string & { readonly of?: T };

/** What the text says; minor units are text in it, and bigint here. */
export function parseJson<T>(text: Json<T>): T {
  return JSON.parse(text, (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  ) as T;
}

/** An account as a document of its own needs it, with the place where its one-time charges are taxed. */
export interface LoadedAccount {
  readonly context: AccountContext;
  readonly place: OneTimePlace;
}

/**
 * All that a one-time charge needs to be billed by itself, for a contract or for none; the caller holds the account's
 * lock. Of tax rates, those of one policy.
 */
export async function loadAccount(
  db: Db,
  merchant: MerchantId,
  {
    accountId,
    contractId,
    taxPolicyId,
  }: { accountId: string; contractId: string | null; taxPolicyId: string },
): Promise<LoadedAccount> {
  const { context, place } = await row<{ context: Json<AccountContext>; place: OneTimePlace }>(
    db,
    `select (${ACCOUNT_CONTEXT})::text as context, json_build_object('zone', coalesce(c.time_zone, a.time_zone), 'country', u.country,
       'currency', a.currency, 'taxRates', (select ${TAX_RATES_OF} from tax_rates t where t.merchant_id = a.merchant_id and t.tax_policy_id = $4 and t.country = u.country)) as place
     from billing_accounts a
     join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
     join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
     left join contracts c on c.merchant_id = a.merchant_id and c.id = $3
     where a.merchant_id = $1 and a.id = $2`,
    [merchant, accountId, contractId, taxPolicyId],
  );
  return { context: parseJson(context), place };
}
