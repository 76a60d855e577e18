/**
 * The master keys of the vault: one seals, and others, of before or after a rotation, open. A row sealed under the current one,
 * the canary, shows at the start of a process whether it has the right key.
 */
import { seal, unseal, KEY_BYTES } from './sealing.ts';
import { type Db, type Pool, maybeRow, rows } from '../platform/pool.ts';

/** The current key first; each of 32 bytes. */
export type MasterKeys = readonly [current: Buffer, ...others: Buffer[]];

/** @throws an Error when a key has another length */
export function masterKeys(current: Buffer, others: readonly Buffer[]): MasterKeys {
  const keys: MasterKeys = [current, ...others];
  if (keys.some((key) => key.length !== KEY_BYTES)) throw new Error('a master key must have 32 bytes');
  return keys;
}

/** Opens what any of the keys sealed. Throws when none did. */
export function unsealByAny(keys: MasterKeys, sealed: Buffer, about: string): Buffer {
  const opened = opening(keys, sealed, about);
  if (opened === null) throw new Error(`no master key that is known here opens ${about}`);
  return opened.plain;
}

function opening(keys: MasterKeys, sealed: Buffer, about: string): { plain: Buffer; key: Buffer } | null {
  for (const key of keys) {
    try {
      return { plain: unseal(key, sealed, about), key };
    } catch {
      // Of another key.
    }
  }
  return null;
}

const CANARY = 'canary';

/**
 * Why these keys are not those of the database; null if they are. The first process that asks leaves the canary, in a
 * database of before canaries only if its key opens one of the subjects' keys.
 */
export async function masterKeyProblem(db: Db, keys: MasterKeys): Promise<string | null> {
  const found = await maybeRow<{ sealed: Buffer }>(db, 'select sealed from vault_canary');
  const proof = found === null ? await someSubject(db) : { sealed: found.sealed, about: CANARY };
  if (proof !== null && opening(keys, proof.sealed, proof.about) === null) {
    return 'TENOR_MASTER_KEY is not the key that the personal data of this database is sealed with';
  }
  if (found === null) {
    await rows(db, 'insert into vault_canary (sealed) values ($1) on conflict do nothing', [
      seal(keys[0], Buffer.from(CANARY), CANARY),
    ]);
  }
  return null;
}

function someSubject(db: Db): Promise<{ sealed: Buffer; about: string } | null> {
  return maybeRow(
    db,
    'select sealed_key as sealed, id as about from vault_subjects where sealed_key is not null limit 1',
  );
}

const BATCH = 500;

/**
 * Seals all keys of subjects anew under the current master key, in batches and while everything runs; one that is erased
 * meanwhile stays erased. Safe to repeat. Answers how many were sealed anew.
 * @throws an Error at the first that no key opens
 */
export async function rewrap(pool: Pool, keys: MasterKeys): Promise<number> {
  let rewrapped = 0;
  for (let after = ['', '']; ;) {
    const batch = await rows<{ merchant: string; id: string; sealed: Buffer }>(
      pool,
      `select merchant_id as merchant, id, sealed_key as sealed from vault_subjects
       where sealed_key is not null and (merchant_id, id) > ($1, $2) order by merchant_id, id limit ${BATCH}`,
      after,
    );
    const last = batch.at(-1);
    if (last === undefined) break;
    rewrapped += await rewrapBatch(pool, keys, batch);
    after = [last.merchant, last.id];
  }
  await rows(pool, 'update vault_canary set sealed = $1', [seal(keys[0], Buffer.from(CANARY), CANARY)]);
  return rewrapped;
}

async function rewrapBatch(
  db: Db,
  keys: MasterKeys,
  batch: readonly { readonly merchant: string; readonly id: string; readonly sealed: Buffer }[],
): Promise<number> {
  const [current] = keys;
  const old = batch.filter(({ id, sealed }) => opening([current], sealed, id) === null);
  const done = await rows(
    db,
    `update vault_subjects s set sealed_key = x.renewed
     from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as x (merchant, id, sealed, renewed)
     where s.merchant_id = x.merchant and s.id = x.id and s.sealed_key = x.sealed returning 1`,
    [
      old.map(({ merchant }) => merchant),
      old.map(({ id }) => id),
      old.map(({ sealed }) => sealed),
      old.map(({ id, sealed }) => seal(current, unsealByAny(keys, sealed, id), id)),
    ],
  );
  return done.length;
}
