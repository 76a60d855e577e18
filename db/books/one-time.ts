import type { OneTimeCharge } from '../../domain/contracts/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { dec, roundToMinor } from '../../domain/arithmetic/money.ts';
import { type OneTimeState, type Origin, oneTimeRow } from './charge-rows.ts';
import { refuseAdvancing } from '../clocks/clocks.ts';
import { lockBooks } from '../../engine/follow.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';
import { reschedule } from '../contracts/reschedule.ts';
import { writeRows } from '../platform/write.ts';

/** A one-time charge, and where it was billed. */
export interface OneTimeView {
  readonly id: string;
  readonly kind: 'charge' | 'setup';
  readonly customer: string;
  readonly account: string;
  readonly contract: string | null;
  readonly application: string | null;
  readonly text: string;
  readonly reference: string | null;
  readonly service_date: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  readonly tax_policy: string;
  readonly state: OneTimeState;
  readonly invoice: string | null;
  readonly created_at: string;
}

const SELECT = `select o.id as cursor_key, o.id, o.kind, a.customer_id as customer, o.account_id as account, o.contract_id as contract,
    o.application, o.text, o.reference, o.service_date, o.quantity, o.unit_price, o.currency, o.price_mode,
    o.tax_policy_id as tax_policy, o.state, l.document_id as invoice, o.created_at
  from one_time_charges o
  join billing_accounts a on a.merchant_id = o.merchant_id and a.id = o.account_id
  left join charges c on c.merchant_id = o.merchant_id and c.one_time_id = o.id
  left join document_lines l on l.merchant_id = c.merchant_id and l.charge_id = c.id
  where o.merchant_id = $1`;

export function getOneTime(db: Db, merchant: MerchantId, id: string): Promise<OneTimeView | null> {
  return maybeRow<OneTimeView>(db, `${SELECT} and o.id = $2`, [merchant, id]);
}

export function listOneTime(
  db: Db,
  merchant: MerchantId,
  filter: { customer?: string; account?: string; contract?: string; state?: OneTimeState },
  page: PageOf,
): Promise<Page<OneTimeView>> {
  return pageOf<OneTimeView>(
    db,
    `${SELECT} and ($2::text is null or a.customer_id = $2) and ($3::text is null or o.account_id = $3)
       and ($4::text is null or o.contract_id = $4) and ($5::text is null or o.state = $5)`,
    [
      merchant,
      filter.customer ?? null,
      filter.account ?? null,
      filter.contract ?? null,
      filter.state ?? null,
    ],
    page,
  );
}

/** The living contracts that may bill what waits for a contract, or for any of an account. */
function billingContracts(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  contractId: string | null,
): Promise<{ id: string; price_mode: 'net' | 'gross' }[]> {
  return rows(
    tx,
    `select c.id, g.price_mode from contracts c join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
     where c.merchant_id = $1 and c.account_id = $2 and ($3::text is null or c.id = $3) and c.phase <> 'ended' order by c.id`,
    [merchant, accountId, contractId],
  );
}

/** So many wait on an account at a time, and no more than an amount may be: they may all come on one document. */
const MOST_WAITING = 1_000;

/**
 * Lets a one-time charge wait for the next invoice, and has those who may bill it look when that is. The caller holds
 * the account's lock.
 * @throws DomainError no_next_invoice, price_mode_mismatch, too_many_waiting, invalid_amount
 */
export async function addWaiting(tx: Tx, origin: Origin, charge: OneTimeCharge): Promise<void> {
  const { account, contractId, priceMode } = origin;
  const { merchantId, accountId } = account;
  const contracts = await billingContracts(tx, merchantId, accountId, contractId);
  if (contracts.length === 0) {
    throw new DomainError('no_next_invoice', 'the account has no contract that could bill it', {
      field: 'bill',
    });
  }
  if (contracts.some(({ price_mode }) => price_mode !== priceMode)) {
    throw new DomainError(
      'price_mode_mismatch',
      `not every contract that may bill it has ${priceMode} prices`,
      {
        field: 'price_mode',
      },
    );
  }
  await writeRows(tx, { one_time_charges: [oneTimeRow(origin, charge, 'waiting')] });
  await checkWaiting(tx, origin);
  await reschedule(
    tx,
    merchantId,
    contracts.map(({ id }) => id),
  );
}

async function checkWaiting(tx: Tx, { account, currency }: Origin): Promise<void> {
  const { waiting, size } = await row<{ waiting: number; size: string }>(
    tx,
    `select count(*)::int as waiting, round(sum(abs(quantity * unit_price)), 6) as size from one_time_charges
     where merchant_id = $1 and account_id = $2 and state = 'waiting'`,
    [account.merchantId, account.accountId],
  );
  if (waiting > MOST_WAITING) {
    throw new DomainError('too_many_waiting', `at most ${MOST_WAITING} wait on an account at a time`);
  }
  try {
    roundToMinor(dec(size), currency);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `too much would wait on the account: ${error.message}`, {
      field: 'unit_price',
    });
  }
}

/**
 * Withdraws a one-time charge that waits; one that is withdrawn already stays so. Takes the locks itself.
 * @throws DomainError not_found, already_billed, clock_advancing
 */
export async function withdrawOneTime(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  const { account, contract } = found(await getOneTime(tx, merchant, id), 'one-time charge');
  await lockBooks(tx, merchant, { accountId: account, contractId: contract });
  // A statement of its own sees what was decided before the lock was ours.
  const { state, advancing } = await row<{ state: OneTimeState; advancing: boolean }>(
    tx,
    `select o.state, coalesce(k.status = 'advancing', false) as advancing from one_time_charges o
     join billing_accounts a on a.merchant_id = o.merchant_id and a.id = o.account_id
     left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
     where o.merchant_id = $1 and o.id = $2`,
    [merchant, id],
  );
  if (state === 'billed')
    throw new DomainError('already_billed', 'the one-time charge is billed; a credit takes it back');
  if (state === 'withdrawn') return;
  refuseAdvancing({ advancing });
  await rows(tx, `update one_time_charges set state = 'withdrawn' where merchant_id = $1 and id = $2`, [
    merchant,
    id,
  ]);
  const contracts = await billingContracts(tx, merchant, account, contract);
  await reschedule(
    tx,
    merchant,
    contracts.map((each) => each.id),
  );
}
