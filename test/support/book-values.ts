// The values of the copies in a large book, as SQL with the number `n` of the copy.

/** Every 50th document is a credit note, every 100th is in CHF, and one in a thousand is open. */
export const CREDIT_NOTE = '(n % 50 = 7)';
export const OPEN = '(n % 1000 in (1, 7))';
export const id = (prefix: string): string => `'${prefix}_' || lpad(n::text, 8, '0')`;
/** The owner of document n. Customer 1 has one document in ten, all others have ten documents each. */
export const owner = (prefix: string): string =>
  `'${prefix}_' || lpad((case when n % 10 = 1 then 1 else n / 10 + 2 end)::text, 8, '0')`;
/** Documents are one minute apart; the last one is the newest. */
export const AT = `timestamptz '2024-01-01T00:00:00Z' + n * interval '1 minute'`;
export const GROSS = `case when ${CREDIT_NOTE} then -1 else 1 end * (n % 5000 + 1)::bigint * 100`;
export const OF_DOCUMENT = {
  account_id: owner('acc'),
  contract_id: owner('con'),
  currency: `case when n % 100 = 3 then 'CHF' else 'EUR' end`,
  effective_at: AT,
};
