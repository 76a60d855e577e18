import { z } from 'zod';
import type { ContractState } from '../../domain/contracts/state.ts';
import { accountTerms, unlockedBooks } from '../books/account-context.ts';
import { taxRate } from '../catalogue/terms-schema.ts';
import { int, jsonText, list, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { NO_ITEMS, loadItems } from './items.ts';
import { type Locked, locked } from './locks.ts';
import { oneTimeCharge } from '../books/one-time-schema.ts';
import { item, ownState } from './state-schema.ts';

const ownContext = z.strictObject({
  customerId: text,
  accountKind: z.enum(['immediate', 'collective']),
  accountZone: text,
  /** First attempts that are planned, or sent and without an outcome. */
  plannedAttempts: list(z.strictObject({ id: text, provider: text })),
  dunningLevel: int,
  openIncident: text.nullable(),
  unlocked: unlockedBooks,
});

/** The data that a step needs besides the contract's state, such as the account that it bills to. */
export type ContractContext = Readonly<z.output<typeof accountTerms> & z.output<typeof ownContext>>;

export interface LoadedContract {
  readonly state: ContractState;
  readonly context: ContractContext;
}

const loaded = {
  id: text,
  version: text,
  state: jsonText(ownState),
  fee: jsonText(z.strictObject({ revision: int, item: item.nullable() })).nullable(),
  account: jsonText(accountTerms),
  own: jsonText(ownContext),
  more: truth,
};

const LOAD = sqlFile(import.meta.url, 'load-contract.sql');
const OF_CONTRACTS = { merchant: 'text', contracts: 'text[]' } as const;

const selectContracts = statement('loadContracts', {
  sql: LOAD,
  params: OF_CONTRACTS,
  row: loaded,
  planned: true,
});

const lockAndSelect = statement('lockAndLoadContract', {
  sql: `select l.now_at, l.advancing, l.phase, l.settled_through, l.version = c.version as fresh, c.*
    from lock_contract(:merchant, :contract) l cross join lateral (${LOAD}) c`,
  params: { ...OF_CONTRACTS, contract: 'text' },
  row: { ...locked, fresh: truth.nullable(), ...loaded },
  planned: true,
});

const selectMerchant = statement('merchantOfContract', {
  sql: 'select merchant_id from contracts where id = :contract',
  params: { contract: 'text' },
  row: { merchant_id: merchantColumn },
});

/** The merchant of a contract, for a workflow, which knows only the contract's id. Null if there is no such contract. */
export async function merchantOfContract(db: Db, contractId: string): Promise<MerchantId | null> {
  const found = await selectMerchant.maybeRow(db, { contract: contractId });
  return found?.merchant_id ?? null;
}

/** Loads all data that the next step of a contract needs. @throws an Error if there is no such contract */
export async function loadContract(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<LoadedContract> {
  const [found] = await loadContracts(db, merchant, [contractId]);
  if (found === undefined) throw new Error(`there is no contract ${contractId}`);
  return found;
}

/**
 * Loads many contracts in their order, in one statement, and one more for each contract with component subscriptions or pauses.
 * Contracts that the merchant does not have are left out.
 */
export async function loadContracts(
  db: Db,
  merchant: MerchantId,
  contracts: readonly string[],
): Promise<LoadedContract[]> {
  const found = await selectContracts.rows(db, { merchant, contracts });
  const byId = new Map(found.map((each) => [each.id, each]));
  const all: LoadedContract[] = [];
  for (const id of contracts) {
    const each = byId.get(id);
    if (each !== undefined) all.push(await withBooked(db, merchant, each));
  }
  return all;
}

/**
 * Locks a contract and loads it under the lock, in one statement; null if the merchant has no such contract. The statement sees the
 * rows as they were before it waited for the lock. If the contract's row has another version under the lock, all is read again. A
 * transaction that changes rows that are read here, also of other tables, must therefore update the contract's row.
 */
export async function loadLocked(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
): Promise<(LoadedContract & { readonly locked: Locked }) | null> {
  const found = await lockAndSelect.maybeRow(tx, { merchant, contract: contractId, contracts: [contractId] });
  if (found === null || found.fresh === null) return null;
  const { now_at, advancing, phase, settled_through } = found;
  const contract = found.fresh
    ? await withBooked(tx, merchant, found)
    : await loadContract(tx, merchant, contractId);
  return { ...contract, locked: { now_at, advancing, phase, settled_through } };
}

async function withBooked(
  db: Db,
  merchant: MerchantId,
  { id, state, fee, account, own, more }: RowOf<typeof loaded>,
): Promise<LoadedContract> {
  const booked = more ? await loadItems(db, merchant, id) : NO_ITEMS;
  const items = fee === null || fee.item === null ? booked.items : [fee.item, ...booked.items];
  return {
    state: { ...state, ...booked, items, feeRevision: fee?.revision ?? 0 },
    context: { ...account, ...own },
  };
}

const selectRatesAndWaiting = statement('ratesAndWaitingCharges', {
  sql: `
    select
      (select coalesce(json_agg(one_time_of(o) order by o.created_at, o.id), '[]') from one_time_charges o
        where o.merchant_id = :merchant and o.account_id = :account and o.state = 'waiting'
          and exists (select from billing_accounts a where a.merchant_id = o.merchant_id and a.id = o.account_id and a.kind = 'immediate')
          and o.contract_id is null and o.price_mode = :priceMode) as "oneTime",
      (select coalesce(json_agg(tax_rate_of(t)), '[]') from tax_rates t
        where t.merchant_id = :merchant and t.country = :country) as "taxRates"`,
  params: { merchant: 'text', account: 'text?', priceMode: 'text', country: 'text' },
  row: { oneTime: list(oneTimeCharge), taxRates: list(taxRate) },
});

/** Loads the tax rates and the waiting one-time charges of a new contract, by its country and its account. */
export function loadRatesAndWaiting(
  db: Db,
  merchant: MerchantId,
  { country, accountId, priceMode }: { country: string; accountId: string | null; priceMode: string },
): Promise<Pick<ContractState, 'oneTime' | 'taxRates'>> {
  return selectRatesAndWaiting.row(db, { merchant, country, account: accountId, priceMode });
}
