import type { World } from './servers.ts';
import type { Caller } from '../support/api.ts';
import { accepted, request } from './requests.ts';
import type { Payment } from './plan.ts';

/** The ids of the contract, the customer and the account that a payment is for. */
interface Payer {
  readonly contract: string;
  readonly customer: string;
  readonly account: string;
}

/** Performs a payment action through the API, or as the customer at the sandbox. Returns false if there was nothing to do. */
export function pay(
  caller: Caller,
  sandbox: World['sandbox'],
  payment: Payment,
  payer: Payer,
): Promise<boolean> {
  switch (payment.kind) {
    case 'pay_with':
      return setMethod(caller, payment, payer);
    case 'remove_method':
      return removeMethod(caller, payer);
    case 'receipt':
      return receive(caller, payment.amount, payer);
    default:
      return confirm(caller, sandbox, payment.declines, payer);
  }
}

async function setMethod(
  caller: Caller,
  { payment: token, of }: Extract<Payment, { kind: 'pay_with' }>,
  { contract, customer, account }: Payer,
): Promise<boolean> {
  const added = await caller.post('/v1/payment-methods', { customer, provider: 'sandbox', token });
  const path = of === 'contract' ? `/v1/contracts/${contract}` : `/v1/billing-accounts/${account}`;
  accepted(await caller.patch(path, { payment_method: accepted(added).body.id }));
  return true;
}

/** Removes the newest payment method of the customer. */
async function removeMethod(caller: Caller, { customer }: Payer): Promise<boolean> {
  const { body } = accepted(await caller.get(`/v1/payment-methods?customer=${customer}&limit=100`));
  const methods: { id: string; removed_at: string | null }[] = body.data;
  const ids = methods.filter((each) => each.removed_at === null).map(({ id }) => id);
  const newest = ids.sort().at(-1);
  if (newest === undefined) return false;
  accepted(await caller.delete(`/v1/payment-methods/${newest}`));
  return true;
}

async function receive(caller: Caller, amount: string, { account }: Payer): Promise<boolean> {
  const receipt = { amount, reference: 'by hand' };
  return (await request(caller, `/v1/billing-accounts/${account}/receipts`, receipt)) !== null;
}

/** Answers the oldest challenge as the customer. The provider's event about it arrives with the next advance. */
async function confirm(
  caller: Caller,
  sandbox: World['sandbox'],
  declines: boolean,
  { account }: Payer,
): Promise<boolean> {
  const { body } = accepted(await caller.get(`/v1/attempts?account=${account}&limit=100`));
  const attempts: { id: string; state: string; action_url: string | null }[] = body.data;
  const waiting = attempts.filter(({ state }) => state === 'requires_action');
  const oldest = waiting
    .sort((a, b) => (a.id < b.id ? -1 : 1))[0]
    ?.action_url?.split('/')
    .at(-1);
  if (oldest === undefined) return false;
  try {
    await sandbox.complete(oldest, declines ? 'authentication_failed' : undefined);
  } catch (error) {
    // The challenge was answered or cancelled before, and the event about it is under way.
    if (error instanceof Error && error.message === 'nothing waits for the customer') return false;
    throw error;
  }
  return true;
}
