// A merchant with a large book: one contract that the use cases have run, and copies of its documents and of what belongs to
// them, with as many entries, payments, contracts, customers, events, mails and incidents. The values of a copy follow from its number, so that each filter of a list finds many, few or no rows.
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { EVERYTHING, sellEveryKind } from './every-kind.ts';
import { fillLists } from './book-lists.ts';
import { AT, CREDIT_NOTE, GROSS, OF_DOCUMENT, OPEN, id } from './book-values.ts';
import { copy } from './many-rows.ts';
import { createClock, createSampleMerchant, order, settle } from './merchant.ts';

export interface Book {
  readonly merchant: MerchantId;
  readonly documents: number;
}

/** Makes a book. No one else may use the database. */
export async function createBook(pool: Pool, documents: number): Promise<Book> {
  const merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const customer = {
    party: { name: 'Nordlicht' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    language: 'de',
    clock,
  };
  const { contractId } = await order(pool, merchant, {
    customer,
    ...EVERYTHING,
    payment_method: { provider: 'sandbox', token: 'card' },
  });
  await settle(pool, contractId);
  const owners = Math.ceil(documents / 10) + 2;
  await pool.query('set session_replication_role = replica');
  await copy(pool, {
    table: 'billing_accounts',
    copies: owners,
    own: { id: id('acc'), customer_id: id('cus'), clock_id: 'null' },
  });
  await copy(pool, {
    table: 'documents',
    copies: documents,
    own: {
      ...OF_DOCUMENT,
      id: id('doc'),
      clock_id: 'null',
      kind: `case when ${CREDIT_NOTE} then 'credit_note' else 'invoice' end`,
      number: `'R-2024-' || lpad(n::text, 8, '0')`,
      counter: '100 + n',
      gross_minor: GROSS,
      net_minor: GROSS,
      tax_minor: '0',
      issue_date: `((${AT}) at time zone 'Europe/Berlin')::date`,
      due_date: `((${AT}) at time zone 'Europe/Berlin')::date + 14`,
    },
  });
  await copy(pool, {
    table: 'receivables',
    copies: documents,
    where: `not ${CREDIT_NOTE}`,
    own: {
      ...OF_DOCUMENT,
      id: id('rec'),
      document_id: id('doc'),
      amount_minor: GROSS,
      open_minor: `case when ${OPEN} then ${GROSS} else 0 end`,
      due_date: `((${AT}) at time zone 'Europe/Berlin')::date + 14`,
    },
  });
  await copy(pool, {
    table: 'credits',
    from: `select c.* from (select null::credits) x, lateral jsonb_populate_record(x.credits, jsonb_build_object('merchant_id', '${merchant}', 'reversed_minor', 0)) c`,
    copies: documents,
    where: CREDIT_NOTE,
    own: {
      ...OF_DOCUMENT,
      id: id('crd'),
      document_id: id('doc'),
      amount_minor: `-(${GROSS})`,
      left_minor: `case when ${OPEN} then -(${GROSS}) else 0 end`,
    },
  });
  await fillLists(pool, merchant, documents, owners);
  await pool.query('set session_replication_role = origin');
  await pool.query('vacuum analyze');
  return { merchant, documents };
}
