import { randomBytes } from 'node:crypto';

/** A merchant's id. Functions of `db/` take one, so that no query can forget to filter by the merchant. */
export type MerchantId = string & { readonly brand: 'MerchantId' };

/** Brands an id that was read from a merchant's own row or API key. */
export function merchantId(id: string): MerchantId {
  return id as MerchantId;
}

/** The prefixes of ids. They show a reader which kind of thing an id names. */
const ID_PREFIX = {
  merchant: 'mer',
  apiKey: 'key',
  clock: 'clk',
  subject: 'sub',
  issuer: 'iss',
  taxPolicy: 'tax',
  planGroup: 'grp',
  plan: 'pln',
  component: 'cmp',
  componentVersion: 'cmv',
  variant: 'var',
  variantVersion: 'vav',
  customer: 'cus',
  paymentMethod: 'pay',
  account: 'acc',
  run: 'run',
  collection: 'col',
  job: 'job',
  contract: 'con',
  command: 'cmd',
  scheduledChange: 'sch',
  phase: 'pha',
  subscription: 'csu',
  item: 'itm',
  charge: 'chg',
  oneTime: 'otc',
  document: 'doc',
  payment: 'pmt',
  entry: 'ent',
  statement: 'sta',
  receivable: 'rec',
  credit: 'crd',
  allocation: 'all',
  attempt: 'att',
  incident: 'inc',
  mail: 'mai',
  webhookEndpoint: 'whe',
} as const;

export type IdKind = keyof typeof ID_PREFIX;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's: no i, l, o, u

function encode(value: bigint, length: number): string {
  let [text, rest] = ['', value];
  for (let i = 0; i < length; i++) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}

let lastMillis = 0n;
let lastRandom = 0n;

/**
 * A new id such as `con_06f2…`: a prefix and 26 characters. Ids sort by the time at which they were made, also those that one
 * process makes within a millisecond, so lists can be ordered by id.
 */
export function newId(kind: IdKind): string {
  const now = BigInt(Date.now());
  if (now > lastMillis) {
    lastMillis = now;
    lastRandom = BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
  } else {
    lastRandom += 1n;
  }
  return `${ID_PREFIX[kind]}_${encode(lastMillis, 10)}${encode(lastRandom, 16)}`;
}
