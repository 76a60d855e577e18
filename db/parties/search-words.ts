import { createHmac, randomBytes } from 'node:crypto';
import { type SearchWord, searchWordsOf } from '../../domain/parties/search-words.ts';
import { bytes, int, text } from '../platform/columns.ts';
import { type MerchantId, merchantId } from '../platform/ids.ts';
import { type Db, type Pool, inTransaction } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';
import { type MasterKeys, unsealByAny } from './master-keys.ts';
import { KEY_BYTES, seal } from './sealing.ts';
import type { PartyData, Vault } from './vault.ts';

const ABOUT = 'search_key';
const HASH_BYTES = 16;

const selectKey = statement('searchKey', { sql: 'select sealed from search_key', row: { sealed: bytes } });

const insertKey = statement('insertSearchKey', {
  sql: 'insert into search_key (sealed) values (:sealed) on conflict do nothing returning sealed',
  params: { sealed: 'bytea' },
  row: { sealed: bytes },
});

const updateKey = statement('updateSearchKey', {
  sql: 'update search_key set sealed = :renewed where sealed = :sealed',
  params: { sealed: 'bytea', renewed: 'bytea' },
});

/** Reads the key of the hashes. The first call stores it. It is not kept, because the caller's transaction may roll back. */
async function searchKey(db: Db, keys: MasterKeys): Promise<Buffer> {
  const found = await selectKey.maybeRow(db, {});
  if (found !== null) return unsealByAny(keys, found.sealed, ABOUT);
  const made = await insertKey.maybeRow(db, { sealed: seal(keys[0], randomBytes(KEY_BYTES), ABOUT) });
  const { sealed } = made ?? (await selectKey.row(db, {}));
  return unsealByAny(keys, sealed, ABOUT);
}

/** Seals the key of the hashes under the current master key. The hashes stay. */
export async function renewSearchKey(db: Db, keys: MasterKeys): Promise<void> {
  const found = await selectKey.maybeRow(db, {});
  if (found === null) return;
  const renewed = seal(keys[0], unsealByAny(keys, found.sealed, ABOUT), ABOUT);
  await updateKey.run(db, { sealed: found.sealed, renewed });
}

/** The keyed hashes of words. Equal words of two merchants have different hashes. */
export async function hashesOf(
  db: Db,
  keys: MasterKeys,
  merchant: MerchantId,
  words: readonly SearchWord[],
): Promise<Buffer[]> {
  if (words.length === 0) return [];
  const key = await searchKey(db, keys);
  return words.map(({ kind, word }) =>
    createHmac('sha256', key).update(`${merchant} ${kind} ${word}`).digest().subarray(0, HASH_BYTES),
  );
}

const insertWords = statement('insertVaultWords', {
  sql: `
    insert into vault_words (merchant_id, hash, subject_id, kind)
    select :merchant, w.hash, :subject, w.kind from unnest(:hashes, :kinds) as w (hash, kind)
    on conflict do nothing`,
  params: { merchant: 'text', subject: 'text', hashes: 'bytea[]', kinds: 'text[]' },
});

/** Stores the words by which a customer is found. Former names stay, because documents print them. */
export async function storeWords(
  db: Db,
  keys: MasterKeys,
  merchant: MerchantId,
  subject: string,
  data: PartyData,
): Promise<void> {
  const words = searchWordsOf(data);
  const hashes = await hashesOf(db, keys, merchant, words);
  await insertWords.run(db, { merchant, subject, hashes, kinds: words.map(({ kind }) => kind) });
}

const countWords = statement('countVaultWords', {
  sql: `
    select h.place::int as place,
      (select count(*) from (select from vault_words w where w.merchant_id = :merchant and w.hash = h.hash limit 300) c)::int as count
    from unnest(:hashes) with ordinality as h (hash, place)`,
  params: { merchant: 'text', hashes: 'bytea[]' },
  row: { place: int, count: int },
});

/** Sorts the hashes of a search, the rarest word first. */
export async function rarestFirst(
  db: Db,
  merchant: MerchantId,
  hashes: readonly Buffer[],
): Promise<Buffer[]> {
  if (hashes.length < 2) return [...hashes];
  const counted = await countWords.rows(db, { merchant, hashes });
  return counted
    .toSorted((a, b) => a.count - b.count || a.place - b.place)
    .flatMap(({ place }) => hashes[place - 1] ?? []);
}

const selectUnindexed = statement('customersWithoutWords', {
  sql: `
    select c.merchant_id, c.id, c.subject_id, c.subject_version as version
    from customers c
    where (c.merchant_id, c.id) > (:merchant, :id)
      and (select true from vault_words w where w.merchant_id = c.merchant_id and w.subject_id = c.subject_id limit 1) is null
    order by c.merchant_id, c.id limit 200`,
  params: { merchant: 'text', id: 'text' },
  row: { merchant_id: text, id: text, subject_id: text, version: int },
});

const lockSubject = statement('lockVaultSubjectForWords', {
  sql: 'select from vault_subjects where merchant_id = :merchant and id = :subject for no key update',
  params: { merchant: 'text', subject: 'text' },
});

/** Stores the words of all customers that have none, because they are older than the search. Returns how many these were. */
export async function indexCustomers(pool: Pool, vault: Vault): Promise<number> {
  let indexed = 0;
  for (let after = { merchant: '', id: '' }; ;) {
    const batch = await selectUnindexed.rows(pool, after);
    const last = batch.at(-1);
    if (last === undefined) return indexed;
    await inTransaction(pool, async (tx) => {
      for (const { merchant_id, subject_id: subjectId, version } of batch) {
        const merchant = merchantId(merchant_id);
        // The lock waits for an erasure, or makes it wait.
        await lockSubject.run(tx, { merchant, subject: subjectId });
        const data = await vault.open(tx, merchant, { subjectId, version });
        if (data === null) continue;
        await vault.index(tx, merchant, subjectId, data);
        indexed += 1;
      }
    });
    after = { merchant: last.merchant_id, id: last.id };
  }
}
