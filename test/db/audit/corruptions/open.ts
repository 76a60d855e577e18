import { type Corruption, of } from './book.ts';

/** Open work that an operator must look at. The books are correct. */
export const STILL_OPEN: readonly Corruption[] = [
  {
    name: 'an open incident',
    statements: [
      `insert into incidents (merchant_id, id, workflow_id, step, error)
       select merchant_id, 'inc_1', 'contract/x', 'settle', E'Error: no rate\\nat line 1' from contracts limit 1`,
    ],
    checks: ['incident_open'],
    message: /^contract\/x has failed in settle since .*: Error: no rate$/,
  },
  {
    name: 'a phase without its event',
    statements: [
      `delete from events where type = 'contract.ended' and seq = (select min(seq) from events where type = 'contract.ended')`,
    ],
    checks: ['event_missing'],
    message: /^the contract is ended, and the last event of a phase says \w+$/,
  },
  {
    name: 'an undecided command',
    statements: [
      `update commands set state = 'pending', answer = null where ${of('uncredited')} and kind = 'cancel'`,
    ],
    checks: ['command_undecided'],
    message: /^cancel of con_\w+ is undecided since /,
  },
];
