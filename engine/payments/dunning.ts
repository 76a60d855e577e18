import { PAUSE_LEVEL, receivableMayBecome, receivableState } from '../../domain/payments/dunning.ts';
import { setDunningLevel } from '../../db/payments/cases.ts';
import { contractsOfCollection, setCollectionLevel } from '../../db/payments/collections.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { enqueueCommand } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import type { Case } from './collection-case.ts';

/** A contract that a collection may ask to pause or to resume. */
interface DunnedContract {
  readonly id: string;
  readonly pausedForDunning: boolean;
  /** Whether another collection has asked for the pause, too. */
  readonly othersDunned: boolean;
}

/** Stores the dunning level of a receivable or of an account's collection. */
export async function setLevel(tx: Tx, merchant: MerchantId, of: Case, level: number): Promise<void> {
  if (of.kind === 'account') await setCollectionLevel(tx, merchant, of.id, level);
  else await setDunningLevel(tx, merchant, of.id, level);
}

/**
 * Ends the dunning of a collection of which nothing is open. Its contracts are asked to resume, unless another collection keeps
 * them paused, or they are in `resumed`, where this function adds them.
 */
export async function endDunning(
  tx: Tx,
  merchant: MerchantId,
  paid: Case,
  resumed: Set<string>,
): Promise<void> {
  await setLevel(tx, merchant, paid, 0);
  if (paid.dunningLevel < PAUSE_LEVEL) return;
  for (const { id, pausedForDunning, othersDunned } of await dunnedContracts(tx, merchant, paid)) {
    if (!pausedForDunning || othersDunned || resumed.has(id)) continue;
    resumed.add(id);
    await askContract(tx, merchant, paid, id, 'resume');
  }
}

/** The last step of dunning: asks the contracts to pause, once. Those that have ended are not asked. */
export async function pauseForDunning(tx: Tx, merchant: MerchantId, of: Case): Promise<void> {
  if (!receivableMayBecome(receivableState(of), 'stopped')) return;
  await setLevel(tx, merchant, of, PAUSE_LEVEL);
  for (const { id, pausedForDunning } of await dunnedContracts(tx, merchant, of)) {
    if (!pausedForDunning) await askContract(tx, merchant, of, id, 'pause');
  }
}

/** The contract of a receivable, or all contracts of an account. */
async function dunnedContracts(tx: Tx, merchant: MerchantId, of: Case): Promise<DunnedContract[]> {
  if (of.kind === 'account') {
    return contractsOfCollection(tx, merchant, { ...of, pauseLevel: PAUSE_LEVEL });
  }
  const { contractId, contractEnded, pausedForDunning, othersDunned } = of;
  return contractId === null || contractEnded ? [] : [{ id: contractId, pausedForDunning, othersDunned }];
}

/**
 * Asks a contract to pause or to resume. A transaction that holds the account's lock locks no contract (rule 46). So the
 * command waits in the outbox, and is stored from there under its id.
 */
async function askContract(
  tx: Tx,
  merchant: MerchantId,
  { id, clockId }: Case,
  contractId: string,
  kind: 'pause' | 'resume',
): Promise<void> {
  await enqueueCommand(tx, merchant, clockId, {
    id: newId('command'),
    contractId,
    kind,
    body: { kind, reason: 'dunning' },
    effective: 'now',
    actor: `collection:${id}`,
  });
}
