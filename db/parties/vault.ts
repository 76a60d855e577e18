import { randomBytes } from 'node:crypto';
import { searchedWords } from '../../domain/parties/search-words.ts';
import { bytes, int } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';
import { type MasterKeys, unsealByAny } from './master-keys.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';
import { hashesOf, storeWords } from './search-words.ts';

/** A reference to a version of a person's or company's data. All other tables store only such references. */
export interface VaultRef {
  readonly subjectId: string;
  readonly version: number;
}

/** Names, addresses and tax ids of a customer or issuer, as they are printed. */
export interface PartyData {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** The only place for personal data, which is sealed there. Destroying the key of a subject erases the person. */
export interface Vault {
  /** Creates a subject and seals its first version. */
  create(db: Db, merchant: MerchantId, data: PartyData): Promise<VaultRef>;
  /** Seals a further version. Documents keep the version that they print. */
  revise(db: Db, merchant: MerchantId, subjectId: string, data: PartyData): Promise<VaultRef>;
  /** Opens a version; null if the subject was erased. */
  open(db: Db, merchant: MerchantId, ref: VaultRef): Promise<PartyData | null>;
  /** Seals a file under the subject's key. Only the same `about` opens it. Null if the subject was erased. */
  sealFile(
    db: Db,
    merchant: MerchantId,
    subjectId: string,
    file: Uint8Array,
    about: string,
  ): Promise<Buffer | null>;
  /** Opens a sealed file; null if the subject was erased. @throws an Error if the sealed bytes have changed */
  openFile(
    db: Db,
    merchant: MerchantId,
    subjectId: string,
    sealed: Uint8Array,
    about: string,
  ): Promise<Buffer | null>;
  /** Stores the words by which a customer is found, as keyed hashes. Erasure deletes them. */
  index(db: Db, merchant: MerchantId, subjectId: string, data: PartyData): Promise<void>;
  /** The hashes of the words of a search. */
  searched(db: Db, merchant: MerchantId, text: string): Promise<Buffer[]>;
  /** Destroys the subject's key: no version and no file can be opened again. */
  erase(db: Db, merchant: MerchantId, subjectId: string): Promise<void>;
}

const OF_SUBJECT = { merchant: 'text', subject: 'text' } as const;

const insertSubject = statement('insertVaultSubject', {
  sql: 'insert into vault_subjects (merchant_id, id, sealed_key) values (:merchant, :subject, :sealedKey)',
  params: { ...OF_SUBJECT, sealedKey: 'bytea' },
});

const lockSubject = statement('lockVaultSubject', {
  sql: 'select from vault_subjects where merchant_id = :merchant and id = :subject for no key update',
  params: OF_SUBJECT,
});

const selectKey = statement('keyOfVaultSubject', {
  sql: 'select sealed_key from vault_subjects where merchant_id = :merchant and id = :subject',
  params: OF_SUBJECT,
  row: { sealed_key: bytes.nullable() },
});

const destroyKey = statement('destroyKeyOfVaultSubject', {
  sql: `
    with forgotten as (delete from vault_words where merchant_id = :merchant and subject_id = :subject)
    update vault_subjects set sealed_key = null where merchant_id = :merchant and id = :subject`,
  params: OF_SUBJECT,
});

const insertRecord = statement('insertVaultRecord', {
  sql: `insert into vault_records (merchant_id, subject_id, version, sealed)
    values (:merchant, :subject, :version, :sealed)`,
  params: { ...OF_SUBJECT, version: 'int', sealed: 'bytea' },
});

const selectRecord = statement('vaultRecord', {
  sql: 'select sealed from vault_records where merchant_id = :merchant and subject_id = :subject and version = :version',
  params: { ...OF_SUBJECT, version: 'int' },
  row: { sealed: bytes },
});

const selectLastVersion = statement('lastVersionOfVaultSubject', {
  sql: `select coalesce(max(version), 0) as version from vault_records
    where merchant_id = :merchant and subject_id = :subject`,
  params: OF_SUBJECT,
  row: { version: int },
});

/** The key that seals a subject's versions; null once it was destroyed. */
async function subjectKey(
  keys: MasterKeys,
  db: Db,
  merchant: MerchantId,
  subjectId: string,
): Promise<Buffer | null> {
  const found = await selectKey.maybeRow(db, { merchant, subject: subjectId });
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
  const { subjectId, version } = ref;
  const sealed = seal(key, Buffer.from(JSON.stringify(data)), `${subjectId}/${version}`);
  await insertRecord.run(db, { merchant, subject: subjectId, version, sealed });
  return ref;
}

/** The vault in Postgres. The master keys seal the subjects' keys. */
export function createVault(keys: MasterKeys): Vault {
  return {
    async create(db, merchant, data) {
      const [subject, key] = [newId('subject'), randomBytes(KEY_BYTES)];
      await insertSubject.run(db, { merchant, subject, sealedKey: seal(keys[0], key, subject) });
      return store(db, merchant, { subjectId: subject, version: 1 }, key, data);
    },
    async revise(db, merchant, subjectId, data) {
      // The lock of the subject's row gives two revisions at once different numbers.
      await lockSubject.run(db, { merchant, subject: subjectId });
      const key = await subjectKey(keys, db, merchant, subjectId);
      if (key === null) throw new Error(`vault subject ${subjectId} was erased`);
      const last = await selectLastVersion.row(db, { merchant, subject: subjectId });
      return store(db, merchant, { subjectId, version: last.version + 1 }, key, data);
    },
    async open(db, merchant, { subjectId, version }) {
      const key = await subjectKey(keys, db, merchant, subjectId);
      if (key === null) return null;
      const found = await selectRecord.maybeRow(db, { merchant, subject: subjectId, version });
      return found
        ? (JSON.parse(unseal(key, found.sealed, `${subjectId}/${version}`).toString()) as PartyData)
        : null;
    },
    async sealFile(db, merchant, subjectId, file, about) {
      const key = await subjectKey(keys, db, merchant, subjectId);
      return key === null ? null : seal(key, Buffer.from(file), about);
    },
    async openFile(db, merchant, subjectId, sealed, about) {
      const key = await subjectKey(keys, db, merchant, subjectId);
      return key === null ? null : unseal(key, sealed, about);
    },
    index: (db, merchant, subjectId, data) => storeWords(db, keys, merchant, subjectId, data),
    searched: (db, merchant, text) => hashesOf(db, keys, merchant, searchedWords(text)),
    async erase(db, merchant, subjectId) {
      await destroyKey.run(db, { merchant, subject: subjectId });
    },
  };
}
