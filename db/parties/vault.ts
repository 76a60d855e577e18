import { randomBytes } from 'node:crypto';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type MasterKeys, unsealByAny } from './master-keys.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';

/** A version of a person's or company's data, by reference: all that leaves the vault's tables. */
export interface VaultRef {
  readonly subjectId: string;
  readonly version: number;
}

/** Names, addresses and tax ids of a customer or issuer, as they are printed. */
export interface PartyData {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** The one sealed place for personal data. Erasing a person is destroying the subject's key. */
export interface Vault {
  /** Seals a new subject's first version. */
  create(db: Db, merchant: MerchantId, data: PartyData): Promise<VaultRef>;
  /** Seals a further version; documents keep the one that they print. */
  revise(db: Db, merchant: MerchantId, subjectId: string, data: PartyData): Promise<VaultRef>;
  /** Opens one version; null when the subject was erased. */
  open(db: Db, merchant: MerchantId, ref: VaultRef): Promise<PartyData | null>;
  /** Destroys the subject's key: no version can be opened again. */
  erase(db: Db, merchant: MerchantId, subjectId: string): Promise<void>;
}

/** The key that seals a subject's versions; null once it was destroyed. */
async function subjectKey(
  keys: MasterKeys,
  db: Db,
  merchant: MerchantId,
  subjectId: string,
): Promise<Buffer | null> {
  const found = await maybeRow<{ sealed_key: Buffer | null }>(
    db,
    'select sealed_key from vault_subjects where merchant_id = $1 and id = $2',
    [merchant, subjectId],
  );
  return found?.sealed_key ? unsealByAny(keys, found.sealed_key, subjectId) : null;
}

/** Stores a version under its subject's key. */
async function store(
  db: Db,
  merchant: MerchantId,
  ref: VaultRef,
  key: Buffer,
  data: PartyData,
): Promise<VaultRef> {
  const sealed = seal(key, Buffer.from(JSON.stringify(data)), `${ref.subjectId}/${ref.version}`);
  await rows(
    db,
    'insert into vault_records (merchant_id, subject_id, version, sealed) values ($1, $2, $3, $4)',
    [merchant, ref.subjectId, ref.version, sealed],
  );
  return ref;
}

/** The vault in Postgres. The master keys seal the subjects' keys. */
export function createVault(keys: MasterKeys): Vault {
  return {
    async create(db, merchant, data) {
      const [subjectId, key] = [newId('subject'), randomBytes(KEY_BYTES)];
      await rows(db, 'insert into vault_subjects (merchant_id, id, sealed_key) values ($1, $2, $3)', [
        merchant,
        subjectId,
        seal(keys[0], key, subjectId),
      ]);
      return store(db, merchant, { subjectId, version: 1 }, key, data);
    },
    async revise(db, merchant, subjectId, data) {
      // The subject's row is locked first, so that two revisions number themselves one after the other.
      await rows(db, 'select from vault_subjects where merchant_id = $1 and id = $2 for no key update', [
        merchant,
        subjectId,
      ]);
      const key = await subjectKey(keys, db, merchant, subjectId);
      if (key === null) throw new Error(`vault subject ${subjectId} was erased`);
      const [last] = await rows<{ version: number }>(
        db,
        'select max(version) as version from vault_records where merchant_id = $1 and subject_id = $2',
        [merchant, subjectId],
      );
      return store(db, merchant, { subjectId, version: (last?.version ?? 0) + 1 }, key, data);
    },
    async open(db, merchant, { subjectId, version }) {
      const key = await subjectKey(keys, db, merchant, subjectId);
      if (key === null) return null;
      const found = await maybeRow<{ sealed: Buffer }>(
        db,
        'select sealed from vault_records where merchant_id = $1 and subject_id = $2 and version = $3',
        [merchant, subjectId, version],
      );
      return found
        ? (JSON.parse(unseal(key, found.sealed, `${subjectId}/${version}`).toString()) as PartyData)
        : null;
    },
    async erase(db, merchant, subjectId) {
      await rows(db, 'update vault_subjects set sealed_key = null where merchant_id = $1 and id = $2', [
        merchant,
        subjectId,
      ]);
    },
  };
}
