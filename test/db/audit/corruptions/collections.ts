import { type Corruption, first } from './book.ts';

const COLLECTED = first('collections', `state = 'collected'`);
const OF_COLLECTION = first('attempts', 'collection_id is not null');

/** Accounts that collect by balance: collections, and attempts over several receivables. */
export const WRONG_COLLECTIONS: readonly Corruption[] = [
  {
    name: 'a collection whose invoices do not add up to its amount',
    statements: [`update collections set amount_minor = amount_minor + 1 where id = ${COLLECTED}`],
    checks: ['collection_differs'],
    message: /^its amount is 3001, that of its invoices 3000$/,
  },
  {
    name: 'a payment of several receivables whose parts do not add up to it',
    statements: [
      `update attempt_receivables set amount_minor = amount_minor - 1 where attempt_id = ${OF_COLLECTION} and amount_minor = 2000`,
    ],
    checks: ['attempt_differs'],
    message: /^it is of 3000 EUR, and its parts add up to 2999$/,
  },
  {
    name: 'a collection that is collected without a payment',
    statements: [`update collections set state = 'collected', ended_at = asked_at where state = 'noticed'`],
    checks: ['collection_without_payment'],
    message: /^it is collected, and none of its attempts succeeded$/,
  },
  {
    name: 'a notice after which nothing is collected',
    statements: [
      `delete from agenda where workflow_id = 'collection/' || ${first('collections', `state = 'noticed'`)}`,
    ],
    checks: ['collection_not_on_agenda'],
    message: /^it is noticed for 2024-07-\d\dT22:00:00.000Z, and is not on the agenda$/,
  },
  {
    name: 'a notice without its event',
    statements: [
      `delete from events where type = 'account.collection_notice'
         and seq = (select max(seq) from events where type = 'account.collection_notice')`,
    ],
    checks: ['event_missing'],
    message: /^no event says that the customer was told of it$/,
  },
  {
    name: 'two open attempts on one receivable',
    statements: [
      `insert into attempts (merchant_id, id, receivable_id, account_id, payment_method_id, provider, n, currency, amount_minor,
         state, effective_at)
       select t.merchant_id, 'att_zwei', x.receivable_id, t.account_id, t.payment_method_id, t.provider, 1, t.currency,
         x.amount_minor, 'planned', t.effective_at
       from attempts t join attempt_receivables x on x.merchant_id = t.merchant_id and x.attempt_id = t.id
       where t.id = ${OF_COLLECTION} and x.amount_minor = 2000`,
      `update attempts set state = 'pending' where id = ${OF_COLLECTION}`,
    ],
    checks: [
      'attempt_double',
      'attempt_orphaned',
      'attempt_without_outcome',
      'collection_without_payment',
      'payment_without_attempt',
    ],
    message: /^it is open, and att_zwei collects receivable rec_\w+, too$/,
  },
];
