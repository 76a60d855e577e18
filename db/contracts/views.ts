import { z } from 'zod';
import { bigint, date, decimal, instant, int, list, object, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { commandState } from './commands.ts';
import { phase } from './state-schema.ts';

const subscription = z.strictObject({
  id: text,
  component: text,
  name: text,
  quantity: decimal,
  since: instant,
  until: instant.nullable(),
});

/** The columns of a contract as the API shows it. */
export const contractView = {
  id: text,
  external_id: text.nullable(),
  customer: text,
  account: text,
  plan_group: text,
  clock: text.nullable(),
  time_zone: text,
  currency: text,
  payment_method: text.nullable(),
  start_date: date,
  anchor_date: date,
  trial_ends_at: instant.nullable(),
  phase,
  pause_reasons: list(text),
  variant: text,
  variant_version: text,
  variant_name: text,
  fee: decimal.nullable(),
  subscriptions: list(subscription),
  scheduled: list(z.strictObject({ command: text, due_at: instant, change: object })),
  settled_through: instant,
  next_due_at: instant.nullable(),
  ended_at: instant.nullable(),
  incident: truth,
  balance_minor: bigint,
  created_at: instant,
};

/** A contract as the API shows it. It is only for reading; no decision is based on it. */
export type ContractView = RowOf<typeof contractView>;

/** The select of `contractView`, up to a condition on `c`. */
export const CONTRACT_VIEW = sqlFile(import.meta.url, 'contract-view.sql');

const selectView = statement('contractView', {
  sql: `${CONTRACT_VIEW} and c.id = :contract`,
  params: { merchant: 'text', contract: 'text' },
  row: contractView,
});

export function getContractView(db: Db, merchant: MerchantId, id: string): Promise<ContractView | null> {
  return selectView.maybeRow(db, { merchant, contract: id });
}

const command = {
  id: text,
  contract: text,
  seq: int,
  kind: text,
  body: object,
  effective: text,
  actor: text,
  asked_at: instant,
  state: commandState,
  decided_at: instant.nullable(),
  answer: z
    .looseObject({
      code: text.nullable().exactOptional(),
      detail: text.nullable().exactOptional(),
      field: text.nullable().exactOptional(),
      document_id: text.nullable().exactOptional(),
      scheduled_for: instant.nullable().exactOptional(),
    })
    .nullable(),
};

/** A command as it is stored. `answer` is null until the command is decided. */
export type CommandRow = RowOf<typeof command>;

const COMMAND = `
  select m.id, m.contract_id as contract, m.seq, m.kind, m.body, m.effective, m.actor, m.asked_at, m.state,
    m.decided_at, m.answer
  from commands m
  where m.merchant_id = :merchant`;

const selectCommand = statement('command', {
  sql: `${COMMAND} and m.id = :command`,
  params: { merchant: 'text', command: 'text' },
  row: command,
});

const listOfContract = listStatement('commandsOfContract', {
  sql: `${COMMAND} and m.contract_id = :contract`,
  params: { merchant: 'text', contract: 'text' },
  row: command,
});

export function getCommand(db: Db, merchant: MerchantId, id: string): Promise<CommandRow | null> {
  return selectCommand.maybeRow(db, { merchant, command: id });
}

export function listCommands(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  page: PageOf,
): Promise<Page<CommandRow>> {
  return listOfContract.page(db, { merchant, contract: contractId }, page);
}

const selectLiving = statement('livingContractsOfCustomer', {
  sql: `select id from contracts where merchant_id = :merchant and customer_id = :customer and phase <> 'ended' order by id`,
  params: { merchant: 'text', customer: 'text' },
  row: { id: text },
});

/** The ids of a customer's contracts that have not ended. */
export async function contractsOfCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
): Promise<string[]> {
  const living = await selectLiving.rows(db, { merchant, customer: customerId });
  return living.map((each) => each.id);
}
