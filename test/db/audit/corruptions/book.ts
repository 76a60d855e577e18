// Corruptions of books, one at a time, as statements that the triggers would refuse.

export interface Corruption {
  readonly name: string;
  readonly statements: readonly string[];
  /** The only checks that find it. The first one exists for this corruption. */
  readonly checks: readonly [string, ...string[]];
  /** The message of the first check. */
  readonly message: RegExp;
}

/** A condition on the contract of that name. The next texts of SQL name rows in the books of `test/db/audit/audit.test.ts`. */
export const of = (contract: string): string =>
  `contract_id = (select id from contracts where external_id = '${contract}')`;
export const first = (table: string, where: string): string =>
  `(select id from ${table} where ${where} order by id limit 1)`;
export const line = (contract: string, where = 'true'): string =>
  first('charges', `${of(contract)} and kind = 'recurring' and ${where}`);
export const CREDIT = first('charges', `kind = 'credit'`);
export const PRORATED = first('charges', `kind = 'recurring' and days < full_days`);
export const INVOICE = first('documents', `kind = 'invoice'`);
export const MAY = line('upgraded', `starts_at >= '2024-05-01'`);
export const ATTEMPT = first('attempts', `state = 'succeeded'`);
export const USED = `total > 0 and ${of('everything')}`;
export const USAGE = first('charges', `kind = 'usage'`);
export const ONCE = first('charges', `kind = 'one_time' and text = 'Workshop'`);
/** Adds an agenda row for the receivables of open attempts, so that their collections still ask about them. */
export const ASKED_ABOUT = `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
  select 'collection/' || t.receivable_id, t.merchant_id, 'collection', a.clock_id, '2024-07-02T00:00:00Z'
  from attempts t join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id where t.state in ('planned', 'sent')`;
