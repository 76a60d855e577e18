// Transactions that work on one contract, account or customer at the same time (rule 46).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../../db/books/accounts.ts';
import { lockAccount } from '../../../db/books/account-context.ts';
import { lockContract } from '../../../db/contracts/locks.ts';
import { createCustomer } from '../../../engine/parties/customers.ts';
import { type MerchantId, newId } from '../../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { previewCommand } from '../../../engine/contracts/commands.ts';
import { createOneTimeCharge } from '../../../engine/books/one-time.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
  vault,
} from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

function customerOn(clock?: string): Promise<string> {
  return inTransaction(pool, (tx) =>
    createCustomer(tx, vault, merchant, {
      party: { name: 'Nordlicht Software GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
      ...(clock === undefined ? {} : { clock }),
    }),
  );
}

const pro = (customer: string) => ({ customer, variant: 'pro', components: [] });

/** Runs `act` while another transaction holds the locks that `lock` takes. */
async function whileLocked<T>(lock: (tx: Tx) => Promise<unknown>, act: () => Promise<T>): Promise<T> {
  return inTransaction(pool, async (tx) => {
    await lock(tx);
    return act();
  });
}

async function accountOf(contractId: string): Promise<string> {
  const found = await row<{ account_id: string }>(pool, 'select account_id from contracts where id = $1', [
    contractId,
  ]);
  return found.account_id;
}

describe('orders at the same time', () => {
  it('of one new customer create one account, and none of sixty pairs fails (rule 46)', async () => {
    for (let pair = 0; pair < 60; pair++) {
      const customer = await customerOn();
      const method = { payment_method: { provider: 'sandbox', token: 'card' } };
      await Promise.all([
        order(pool, merchant, pro(customer)),
        order(pool, merchant, { ...pro(customer), ...method }),
      ]);
      const accounts = await rows(pool, 'select from billing_accounts where customer_id = $1', [customer]);
      expect(accounts).toHaveLength(1);
    }
  });

  it('do not fail while an account of the customer is created by request (rule 46)', async () => {
    const { id: issuer } = await row<{ id: string }>(pool, 'select id from issuers where merchant_id = $1', [
      merchant,
    ]);
    for (let pair = 0; pair < 60; pair++) {
      const customer = await customerOn();
      await Promise.all([
        order(pool, merchant, pro(customer)),
        inTransaction(pool, (tx) => createAccount(tx, merchant, { customer, issuer, currency: 'EUR' })),
      ]);
      const defaults = await rows(
        pool,
        'select from billing_accounts where customer_id = $1 and is_default',
        [customer],
      );
      expect(defaults).toHaveLength(1);
    }
  });
});

describe('two contracts of an account', () => {
  async function orderTwo(): Promise<{ clock: string; first: string; second: string }> {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const customer = await customerOn(clock);
    const first = await order(pool, merchant, pro(customer));
    const second = await order(pool, merchant, pro(customer));
    for (const { contractId } of [first, second]) await settle(pool, contractId);
    return { clock, first: first.contractId, second: second.contractId };
  }

  it('do not wait for each other: one is billed while the other is locked (rule 46)', async () => {
    const { clock, first, second } = await orderTwo();
    await moveClock(pool, clock, '2024-02-01T08:00:00.000Z');
    await whileLocked(
      (tx) => lockContract(tx, merchant, first),
      () => settle(pool, second),
    );
    expect(await rows(pool, 'select from documents where contract_id = $1', [second])).toHaveLength(2);
  });

  it('can be previewed and paused while their account is locked (rule 46)', async () => {
    const { first } = await orderTwo();
    const account = await accountOf(first);
    const request = { kind: 'change', variant: 'basic', effective: 'now' } as const;
    const preview = await whileLocked(
      (tx) => lockAccount(tx, merchant, account),
      () => previewCommand(pool, merchant, first, request),
    );
    expect(preview.documents).toHaveLength(1);
    const pause = { kind: 'pause', reason: 'customer', effective: 'now' } as const;
    const { commandId } = await whileLocked(
      (tx) => lockAccount(tx, merchant, account),
      async () => {
        const stored = await command(pool, merchant, first, pause);
        await settle(pool, first); // a step without a document
        return stored;
      },
    );
    expect(await rows(pool, 'select state from commands where id = $1', [commandId])).toEqual([
      { state: 'applied' },
    ]);
  });

  it('bill a one-time charge that waits on their account once, whichever settles first (rules 30, 46)', async () => {
    for (let round = 0; round < 10; round++) {
      const { clock, first, second } = await orderTwo();
      const { customer_id } = await row<{ customer_id: string }>(
        pool,
        'select customer_id from contracts where id = $1',
        [first],
      );
      const account = await accountOf(first);
      await inTransaction(pool, (tx) =>
        createOneTimeCharge(tx, merchant, newId('oneTime'), {
          customer: customer_id,
          account,
          text: 'Workshop',
          quantity: '1',
          unit_price: '10.00',
          currency: 'EUR',
          price_mode: 'net',
          tax_policy: TAX.id,
          bill: 'next_invoice',
        }),
      );
      await moveClock(pool, clock, '2024-02-01T08:00:00.000Z');
      await Promise.all([settle(pool, first), settle(pool, second)]);
      const nets = await rows<{ net_minor: bigint }>(
        pool,
        `select net_minor from documents where account_id = $1 and issue_date = '2024-02-01' order by net_minor`,
        [account],
      );
      expect(nets.map(({ net_minor }) => net_minor)).toEqual([9900n, 10900n]);
    }
  });

  const TAX = { id: '' };
  beforeAll(async () => {
    TAX.id = (
      await row<{ id: string }>(pool, 'select id from tax_policies where merchant_id = $1', [merchant])
    ).id;
  });
});

describe('a step that waited for its contract', () => {
  it('decides a command that was stored meanwhile (rule 46)', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const { contractId } = await order(pool, merchant, pro(await customerOn(clock)));
    await settle(pool, contractId);
    let settled: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, async (tx) => {
      await lockContract(tx, merchant, contractId);
      settled = settle(pool, contractId);
      await expect
        .poll(() => rows(pool, `select from pg_stat_activity where wait_event_type = 'Lock'`), {
          interval: 5,
        })
        .toHaveLength(1);
      await rows(
        tx,
        `with c as (update contracts set last_seq = last_seq + 1 where id = $2 returning last_seq)
         insert into commands (merchant_id, id, contract_id, seq, kind, body, effective, asked_at, actor)
         select $1, 'cmd_meanwhile', $2, last_seq, 'pause', '{"kind":"pause","reason":"customer"}', 'now', '2024-01-01T08:00:00Z', 'operator' from c`,
        [merchant, contractId],
      );
    });
    await settled;
    expect(await rows(pool, `select state from commands where id = 'cmd_meanwhile'`)).toEqual([
      { state: 'applied' },
    ]);
  });
});
