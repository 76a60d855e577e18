// What a large book has besides documents: the rows of all other lists.
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { AT, GROSS, OF_DOCUMENT, id, owner } from './book-values.ts';
import { copy } from './many-rows.ts';
import { rows } from './rows.ts';

/** The hashes of a word that all customers have, and of one that every thousandth has. */
export const [MANY_WORD, RARE_WORD] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];

const OF_CUSTOMER = { customer_id: owner('cus'), account_id: owner('acc') };
const PHASE = `case when n % 1000 = 1 then 'inactive' when n % 50 = 2 then 'ended' else 'normal' end`;

/** Makes so many rows of each list. The first customers, contracts and accounts own documents, and the contracts after them share
 * the accounts of these. */
export async function fillLists(
  pool: Pool,
  merchant: MerchantId,
  copies: number,
  owners: number,
): Promise<void> {
  /** A row of a table of which the book has none. */
  const blank = (table: string, values = ''): string =>
    `select c.* from (select null::${table}) x, lateral jsonb_populate_record(x.${table}, jsonb_build_object('merchant_id', '${merchant}'${values})) c`;
  const ownerOr = (prefix: string): string =>
    `case when n <= ${owners} then ${id(prefix)} else ${owner(prefix)} end`;
  await copy(pool, {
    table: 'customers',
    copies,
    own: {
      id: id('cus'),
      external_id: `'customer-' || n`,
      subject_id: id('sub'),
      parent_id: `case when n % 10 = 3 then 'cus_00000001' end`,
      clock_id: `case when n % 1000 = 5 then 'clk_large' end`,
      created_at: AT,
    },
  });
  for (const [word, each] of [
    [MANY_WORD, 1],
    [RARE_WORD, 1_000],
  ] as const) {
    await rows(
      pool,
      `insert into vault_words (merchant_id, hash, subject_id, kind)
       select $1, $2, ${id('sub')}, 'name' from generate_series(1, $3::int, $4) n`,
      [merchant, word, copies, each],
    );
  }
  const contract = { clock_id: 'null', phase: PHASE, created_at: AT };
  await copy(pool, {
    table: 'contracts',
    copies,
    own: {
      ...contract,
      id: id('con'),
      external_id: `'contract-' || n`,
      customer_id: ownerOr('cus'),
      account_id: ownerOr('acc'),
    },
  });
  await copy(pool, {
    table: 'contracts',
    copies: 1,
    own: { ...contract, ...OF_CUSTOMER, id: `'con_of_1'`, external_id: `'contract-of-1'` },
  });
  await copy(pool, {
    table: 'agenda',
    copies,
    of: `kind = 'contract'`,
    where: 'n % 50 <> 2',
    own: {
      workflow_id: `'contract/' || ${id('con')}`,
      clock_id: 'null',
      due_at: `${AT} + interval '1 year'`,
    },
  });
  await fillMoney(pool, copies, blank);
  await fillMessages(pool, copies, blank);
}

type Blank = (table: string, values?: string) => string;

async function fillMoney(pool: Pool, copies: number, blank: Blank): Promise<void> {
  await copy(pool, {
    table: 'journal_entries',
    copies,
    own: {
      ...OF_DOCUMENT,
      id: id('ent'),
      fact: `'document:' || ${id('doc')}`,
      reference: id('doc'),
    },
  });
  await copy(pool, {
    table: 'postings',
    copies,
    of: `ledger_account = 'receivable'`,
    own: {
      ...OF_DOCUMENT,
      entry_id: id('ent'),
      n: '1',
      // A contract is shown with the sum of its postings, of which none has a hundred thousand.
      contract_id: `case when n % 10 <> 1 then ${owner('con')} end`,
      amount_minor: GROSS,
    },
  });
  await rows(
    pool,
    `insert into carried_balances (merchant_id, account_id, effective_at, entry_id, balance_minor)
     select merchant_id, account_id, effective_at, id, balance_minor from (
       select e.merchant_id, e.account_id, e.effective_at, e.id,
         sum(-p.amount_minor) over (partition by e.account_id order by e.effective_at, e.id) as balance_minor
       from journal_entries e
       join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id and p.n = 1
       where length(e.id) = 12) s
     where hashtext(id) % 32 = 0`,
  );
  // The payments of the first ten customers are charged for their contracts.
  await copy(pool, {
    table: 'attempts',
    copies,
    where: 'n % 10 = 1 or n < 100',
    own: {
      ...OF_DOCUMENT,
      id: id('att'),
      receivable_id: id('rec'),
      n: '1',
      state: `'succeeded'`,
      provider_object: id('sbi'),
    },
  });
  await copy(pool, {
    table: 'payments',
    from: blank('payments', `, 'provider', 'hand'`),
    copies,
    own: {
      ...OF_DOCUMENT,
      id: id('pmt'),
      attempt_id: `case when n % 10 = 1 or n < 100 then ${id('att')} end`,
      reference: `'transfer ' || n`,
      amount_minor: '(n % 5000 + 1)::bigint * 100',
      recorded_at: AT,
    },
  });
}

async function fillMessages(pool: Pool, copies: number, blank: Blank): Promise<void> {
  await copy(pool, {
    table: 'events',
    copies,
    of: `type = 'invoice.finalised'`,
    own: {
      ...OF_DOCUMENT,
      ...OF_CUSTOMER,
      id: id('evt'),
      seq: '1000 + n',
      type: `case when n % 1000 = 1 then 'invoice.reopened' when n % 7 = 0 then 'invoice.paid' else 'invoice.finalised' end`,
      object_id: `case when n % 10 = 1 then 'con_00000001' else ${id('doc')} end`,
      sequence: 'n',
      occurred_at: AT,
      recorded_at: AT,
    },
  });
  await rows(pool, `select setval('events_seq', $1)`, [1_000 + copies]);
  await copy(pool, {
    table: 'mails',
    from: blank('mails', `, 'data', '{}'::jsonb, 'tries', 1`),
    copies,
    own: {
      ...OF_CUSTOMER,
      id: id('mai'),
      event_id: id('evt'),
      purpose: `case when n % 1000 = 1 then 'action_required' else 'invoice' end`,
      document_id: id('doc'),
      object_id: id('doc'),
      state: `case when n % 1000 = 7 then 'failed' when n % 100 = 5 then 'queued' else 'sent' end`,
      due_at: AT,
      created_at: AT,
      done_at: `case when n % 100 <> 5 then ${AT} end`,
    },
  });
  await copy(pool, {
    table: 'incidents',
    from: blank('incidents', `, 'step', 'settle', 'error', 'Error: broken'`),
    copies,
    own: {
      id: id('inc'),
      workflow_id: `'contract/' || ${id('con')}`,
      opened_at: AT,
      closed_at: `case when n % 1000 <> 2 then ${AT} + interval '1 hour' end`,
    },
  });
}
