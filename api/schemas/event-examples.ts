import { contractWorkflow } from '../../temporal/ids.ts';
import type { EventType } from '../../domain/events/catalogue.ts';

const EVENT = 'evt_019a3c5f0c8e72b1d4a6c3e8f1';
const [CONTRACT, CUSTOMER, ACCOUNT] = [
  'con_06f2k8v0a1b2c3d4e5f6g7h8j9',
  'cus_06f2k8v0a1b2c3d4e5f6g7h8ja',
  'acc_06f2k8v0a1b2c3d4e5f6g7h8jb',
];
const COLLECTION = 'col_06f2k8v0a1b2c3d4e5f6g7h8jk';
const [INVOICE, ATTEMPT, PAYMENT, COMMAND] = [
  'doc_06f2k8v0a1b2c3d4e5f6g7h8jc',
  'att_06f2k8v0a1b2c3d4e5f6g7h8jd',
  'pmt_06f2k8v0a1b2c3d4e5f6g7h8je',
  'cmd_06f2k8v0a1b2c3d4e5f6g7h8jf',
];

const document = {
  number: '2024-000042',
  currency: 'EUR',
  price_mode: 'net',
  net: '99.00',
  tax: '18.81',
  gross: '117.81',
  issue_date: '2024-02-01',
  due_date: '2024-02-15',
  service_from: '2024-02-01',
  service_to: '2024-03-01',
  issuer: 'iss_06f2k8v0a1b2c3d4e5f6g7h8jg',
};
const creditNote = { ...document, number: 'C2024-000007', net: '-51.10', tax: '-9.71', gross: '-60.81' };
const contract = {
  external_id: null,
  phase: 'normal',
  variant_version: 'vav_06f2k8v0a1b2c3d4e5f6g7h8jh',
  pause_reasons: [],
  start_date: '2024-01-01',
  trial_ends_at: null,
  ended_at: null,
  components: [
    {
      subscription: 'csu_06f2k8v0a1b2c3d4e5f6g7h8jk',
      component: 'cmp_06f2k8v0a1b2c3d4e5f6g7h8jm',
      quantity: '3',
    },
  ],
};
const phase = { ...contract, phase_starts_at: '2024-01-31T23:00:00.000Z', command: null };
const attempt = {
  attempt: ATTEMPT,
  number: 1,
  invoice: INVOICE,
  collection: null,
  provider: 'stripe',
  payment_method: 'pay_06f2k8v0a1b2c3d4e5f6g7h8jn',
  currency: 'EUR',
  amount: '117.81',
};
const customer = { external_id: 'customer-17', parent: null };
const ofMail = (reason: string): Example => ({
  object: 'mai_019a3c5f0c8e72b1d4a6c3e8f1',
  of: 'account',
  data: { purpose: 'invoice', reason, document: INVOICE, event: EVENT },
});
const incident = {
  step: 'settle',
  code: 'line_limit_exceeded',
  workflow: contractWorkflow(CONTRACT),
  receivable: null,
};

interface Example {
  readonly object: string;
  readonly of: 'contract' | 'account' | 'customer' | 'none';
  readonly data: object;
}
const ofContract = (data: object): Example => ({ object: CONTRACT, of: 'contract', data });
const ofInvoice = (open: string): Example => ({
  object: INVOICE,
  of: 'contract',
  data: { ...document, open },
});
const ofAttempt = (more: object): Example => ({
  object: ATTEMPT,
  of: 'contract',
  data: { ...attempt, ...more },
});
const ofAccount = (deactivated_at: string | null): Example => ({
  object: ACCOUNT,
  of: 'account',
  data: { deactivated_at },
});
const ofCustomer = (more: object): Example => ({
  object: CUSTOMER,
  of: 'customer',
  data: { ...customer, ...more },
});
const ofCollection: Example = {
  object: COLLECTION,
  of: 'account',
  data: {
    collection: COLLECTION,
    currency: 'EUR',
    amount: '235.62',
    due_at: '2024-02-04T23:00:00.000Z',
    invoices: [INVOICE],
  },
};
const ofMethod: Example = {
  object: 'pay_06f2k8v0a1b2c3d4e5f6g7h8jn',
  of: 'customer',
  data: { provider: 'stripe' },
};
const ofIncident: Example = { object: 'inc_06f2k8v0a1b2c3d4e5f6g7h8jp', of: 'contract', data: incident };
const ofClock: Example = {
  object: 'clk_06f2k8v0a1b2c3d4e5f6g7h8jq',
  of: 'none',
  data: { now: '2024-01-31T23:00:00.000Z' },
};
const ofEndpoint: Example = {
  object: 'whe_06f2k8v0a1b2c3d4e5f6g7h8jr',
  of: 'none',
  data: { url: 'https://shop.example/hooks/tenor' },
};
const scheduled = {
  ...contract,
  command: COMMAND,
  kind: 'cancel',
  scheduled_for: '2024-02-29T23:00:00.000Z',
};

const EXAMPLES: Readonly<Record<EventType, Example>> = {
  'order.accepted': ofContract({ ...contract, command: COMMAND }),
  'contract.phase_started': ofContract(phase),
  'contract.changed': ofContract({ ...contract, command: COMMAND }),
  'contract.change_scheduled': ofContract(scheduled),
  'contract.change_withdrawn': ofContract(scheduled),
  'contract.paused': ofContract({
    ...phase,
    phase: 'inactive',
    pause_reasons: ['dunning'],
    command: COMMAND,
  }),
  'contract.resumed': ofContract({ ...phase, command: COMMAND }),
  'contract.ended': ofContract({ ...phase, phase: 'ended', ended_at: '2024-01-31T23:00:00.000Z' }),
  'command.refused': ofContract({ ...contract, command: COMMAND, kind: 'change', code: 'no_change' }),
  'invoice.finalised': ofInvoice('117.81'),
  'invoice.paid': ofInvoice('0.00'),
  'invoice.reopened': ofInvoice('117.81'),
  'invoice.collection_stopped': ofInvoice('117.81'),
  'credit_note.finalised': { object: INVOICE, of: 'contract', data: creditNote },
  'account.run_finished': {
    object: ACCOUNT,
    of: 'account',
    data: {
      run: 'run_06f2k8v0a1b2c3d4e5f6g7h8js',
      cause: 'calendar',
      until: '2024-01-31T23:00:00.000Z',
      invoice: INVOICE,
      left_out: [CONTRACT],
    },
  },
  'account.collection_notice': ofCollection,
  'account.collection_stopped': ofCollection,
  'payment.pending': ofAttempt({}),
  'payment.requires_action': ofAttempt({ action_url: 'https://pay.example/confirm/7f3a' }),
  'payment.succeeded': ofAttempt({ payment: PAYMENT }),
  'payment.declined': ofAttempt({ reason: 'insufficient_funds' }),
  'payment.charged_back': ofAttempt({ payment: PAYMENT }),
  'payment.received': { object: PAYMENT, of: 'account', data: { currency: 'EUR', amount: '117.81' } },
  'account.deactivated': ofAccount('2024-01-31T23:00:00.000Z'),
  'account.activated': ofAccount(null),
  'customer.created': ofCustomer({}),
  'customer.changed': ofCustomer({ fields: ['party', 'language'] }),
  'customer.erased': ofCustomer({}),
  'payment_method.added': ofMethod,
  'payment_method.removed': ofMethod,
  'mail.failed': ofMail('refused'),
  'mail.bounced': ofMail('550 5.1.1 unknown user'),
  'incident.opened': ofIncident,
  'incident.closed': ofIncident,
  'clock.ready': ofClock,
  'clock.stuck': ofClock,
  'webhook_endpoint.disabled': {
    ...ofEndpoint,
    data: {
      ...ofEndpoint.data,
      failing_since: '2024-01-28T23:00:00.000Z',
      error: 'the answer has the status 500',
    },
  },
  'webhook.test': ofEndpoint,
};

/** An example of an event, for the API's description. */
export function exampleOf(type: EventType): object {
  const { object, of, data } = EXAMPLES[type];
  return {
    id: EVENT,
    type,
    object,
    sequence: 1,
    customer: of === 'none' ? null : CUSTOMER,
    account: of === 'contract' || of === 'account' ? ACCOUNT : null,
    contract: of === 'contract' ? CONTRACT : null,
    occurred_at: '2024-01-31T23:00:00.000Z',
    recorded_at: '2024-01-31T23:00:00.412Z',
    data,
  };
}
