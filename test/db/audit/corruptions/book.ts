// What can be wrong in a book, one thing at a time, as statements that the triggers would have refused.

export interface Corruption {
  readonly name: string;
  readonly by: readonly string[];
  /** The checks that find it, and no others; the first one is there for it. */
  readonly found: readonly [string, ...string[]];
  /** What the first one says. */
  readonly says: RegExp;
}

/** Of the contract of that name; then, as texts of SQL, what there is in the book of `test/db/audit/audit.test.ts`. */
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
/** So that somebody still asks about the attempt. */
export const ASKED_ABOUT = `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
  select 'collection/' || t.receivable_id, t.merchant_id, 'collection', a.clock_id, '2024-07-02T00:00:00Z'
  from attempts t join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id where t.state in ('planned', 'sent')`;
