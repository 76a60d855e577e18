/**
 * The master keys of the vault. The current key seals and opens; the others, from before or after a rotation, only open. The canary
 * is a row that is sealed under the current key. It shows at the start of a process whether the process has the right key.
 */
import { bytes, text } from '../platform/columns.ts';
import type { Db, Pool } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';

/** The current key first. Each key has 32 bytes. */
export type MasterKeys = readonly [current: Buffer, ...others: Buffer[]];

/** Checks and joins the keys. @throws an Error if a key has another length */
export function masterKeys(current: Buffer, others: readonly Buffer[]): MasterKeys {
  const keys: MasterKeys = [current, ...others];
  if (keys.some((key) => key.length !== KEY_BYTES)) throw new Error('a master key must have 32 bytes');
  return keys;
}

/** Opens a value that any of the keys sealed. @throws an Error if none opens it */
export function unsealByAny(keys: MasterKeys, sealed: Uint8Array, about: string): Buffer {
  const opened = opening(keys, sealed, about);
  if (opened === null) throw new Error(`no master key that is known here opens ${about}`);
  return opened.plain;
}

function opening(keys: MasterKeys, sealed: Uint8Array, about: string): { plain: Buffer; key: Buffer } | null {
  for (const key of keys) {
    try {
      return { plain: unseal(key, sealed, about), key };
    } catch {
      // Another key sealed it.
    }
  }
  return null;
}

const CANARY = 'canary';

const selectCanary = statement('canary', {
  sql: 'select sealed from vault_canary',
  row: { sealed: bytes },
});

const insertCanary = statement('insertCanary', {
  sql: 'insert into vault_canary (sealed) values (:sealed) on conflict do nothing',
  params: { sealed: 'bytea' },
});

const updateCanary = statement('updateCanary', {
  sql: 'update vault_canary set sealed = :sealed',
  params: { sealed: 'bytea' },
});

const selectSomeSubject = statement('someVaultSubject', {
  sql: 'select sealed_key as sealed, id as about from vault_subjects where sealed_key is not null limit 1',
  row: { sealed: bytes, about: text },
});

/**
 * Why these keys are not those of the database; null if they are. The first process that asks stores the canary. If the database
 * has no canary but has subjects already, the process must first open the key of one subject.
 */
export async function masterKeyProblem(db: Db, keys: MasterKeys): Promise<string | null> {
  const found = await selectCanary.maybeRow(db, {});
  const proof =
    found === null ? await selectSomeSubject.maybeRow(db, {}) : { sealed: found.sealed, about: CANARY };
  if (proof !== null && opening(keys, proof.sealed, proof.about) === null) {
    return 'TENOR_MASTER_KEY is not the key that the personal data of this database is sealed with';
  }
  if (found === null) await insertCanary.run(db, { sealed: sealedCanary(keys) });
  return null;
}

const sealedCanary = (keys: MasterKeys): Buffer => seal(keys[0], Buffer.from(CANARY), CANARY);

const BATCH = 500;

const subject = { merchant: text, id: text, sealed: bytes };

const selectBatch = statement('vaultSubjectsAfter', {
  sql: `
    select merchant_id as merchant, id, sealed_key as sealed
    from vault_subjects
    where sealed_key is not null and (merchant_id, id) > (:merchant, :id)
    order by merchant_id, id limit :limit`,
  params: { merchant: 'text', id: 'text', limit: 'int' },
  row: subject,
});

const updateKeys = statement('rewrapVaultSubjects', {
  sql: `
    update vault_subjects s set sealed_key = x.renewed
    from unnest(:merchants, :ids, :sealed, :renewed) as x (merchant, id, sealed, renewed)
    where s.merchant_id = x.merchant and s.id = x.id and s.sealed_key = x.sealed`,
  params: { merchants: 'text[]', ids: 'text[]', sealed: 'bytea[]', renewed: 'bytea[]' },
});

/**
 * Seals the keys of all subjects again under the current master key, in batches, while other processes work. A subject that is
 * erased meanwhile stays erased. It can be repeated. Returns how many keys were sealed again.
 * @throws an Error at the first subject's key that no master key opens
 */
export async function rewrap(pool: Pool, keys: MasterKeys): Promise<number> {
  let rewrapped = 0;
  for (let after = { merchant: '', id: '' }; ;) {
    const batch = await selectBatch.rows(pool, { ...after, limit: BATCH });
    const last = batch.at(-1);
    if (last === undefined) break;
    rewrapped += await rewrapBatch(pool, keys, batch);
    after = last;
  }
  await updateCanary.run(pool, { sealed: sealedCanary(keys) });
  return rewrapped;
}

function rewrapBatch(db: Db, keys: MasterKeys, batch: readonly RowOf<typeof subject>[]): Promise<number> {
  const [current] = keys;
  const old = batch.filter(({ id, sealed }) => opening([current], sealed, id) === null);
  return updateKeys.run(db, {
    merchants: old.map(({ merchant }) => merchant),
    ids: old.map(({ id }) => id),
    sealed: old.map(({ sealed }) => sealed),
    renewed: old.map(({ id, sealed }) => seal(current, unsealByAny(keys, sealed, id), id)),
  });
}
