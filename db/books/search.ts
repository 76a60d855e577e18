import { readSearch } from '../../domain/books/search-text.ts';
import { parseAmount } from '../../domain/arithmetic/money.ts';
import { DomainError } from '../../domain/errors.ts';
import { rarestFirst } from '../parties/search-words.ts';
import type { Vault } from '../parties/vault.ts';
import { text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';

const selectCurrencies = statement('currenciesOfDocuments', {
  sql: `
    with recursive used as (
      (select currency from documents where merchant_id = :merchant order by currency limit 1)
      union all
      select (select d.currency from documents d where d.merchant_id = :merchant and d.currency > u.currency
        order by d.currency limit 1)
      from used u where u.currency is not null
    )
    select currency from used where currency is not null`,
  params: { merchant: 'text' },
  row: { currency: text },
});

/** The most accounts whose documents a search merges. */
const MOST_ACCOUNTS = 100;
/** The most customers with the rarest word that a search reads. */
const MOST_CUSTOMERS = 1_000;

const selectAccounts = statement('accountsOfWords', {
  sql: `
    with rare as materialized (
      select subject_id from vault_words where merchant_id = :merchant and hash = :rarest order by subject_id desc limit :customers),
    found as materialized (
      select r.subject_id from rare r where not exists (select from unnest(:hashes) as q (hash) where not exists (
        select from vault_words v where v.merchant_id = :merchant and v.hash = q.hash and v.subject_id = r.subject_id)))
    select a.id, (select count(*) from rare) = :customers as cut
    from found f
    cross join lateral (select c.id from customers c where c.merchant_id = :merchant and c.subject_id = f.subject_id limit 1) c
    cross join lateral (select b.id from billing_accounts b where b.merchant_id = :merchant and b.customer_id = c.id limit :accounts) a
    limit :accounts`,
  params: {
    merchant: 'text',
    rarest: 'bytea',
    hashes: 'bytea[]',
    customers: 'int',
    accounts: 'int',
  },
  row: { id: text, cut: truth },
});

/** @throws DomainError search_too_wide */
async function accountsOfWords(db: Db, merchant: MerchantId, hashes: readonly Buffer[]): Promise<string[]> {
  const [rarest, ...others] = await rarestFirst(db, merchant, hashes);
  if (rarest === undefined) return [];
  const found = await selectAccounts.rows(db, {
    merchant,
    rarest,
    hashes: others,
    customers: MOST_CUSTOMERS,
    accounts: MOST_ACCOUNTS + 1,
  });
  if (found.length <= MOST_ACCOUNTS && found[0]?.cut !== true) return found.map(({ id }) => id);
  throw new DomainError('search_too_wide', 'too many customers have this name; add another word of it', {
    field: 'search',
  });
}

/**
 * The values of the way `search` of documents: a number, the digits of a number, amounts in each currency, and the accounts of
 * customers with this name or mail address.
 * @throws DomainError search_too_wide
 */
export async function valuesOfSearch(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  typed: string,
): Promise<string[]> {
  const { number, digits, amount } = readSearch(typed);
  const currencies = amount === null ? [] : await selectCurrencies.rows(db, { merchant });
  const accounts = await accountsOfWords(db, merchant, await vault.searched(db, merchant, typed));
  return [
    `number ${number}`,
    ...(digits === null ? [] : [`digits ${digits}`]),
    ...currencies.flatMap(({ currency }) => amountsIn(amount ?? '', currency)),
    ...accounts.map((id) => `account ${id}`),
  ];
}

/** The amount of an invoice and of a credit note; none if the currency has fewer digits. */
function amountsIn(amount: string, currency: string): string[] {
  try {
    const minor = parseAmount(amount, currency);
    return [minor, -minor].map((each) => `amount ${currency} ${each}`);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}
