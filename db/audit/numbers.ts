import { type Check, checkInSql } from './slices.ts';

/** Which series a row is about, for people. */
const SERIES_NAME = `kind || ' of ' || issuer_id || case when period_key = '' then '' else ' in ' || period_key end
  || case when clock_id = '' then '' else ' on ' || clock_id end`;

const SERIES = ['merchant_id', 'issuer_id', 'kind', 'clock_id', 'period_key'];
/** As `one_document_per_number` has it. */
const NUMBERS = ['merchant_id', 'issuer_id', 'kind', `coalesce(clock_id, '')`, 'period_key', 'counter', 'id'];
const texts = (n: number): string[] => Array.from({ length: n }, () => 'text');

/** A document beside the one before it in its series, which is the last of the slice before where its own slice begins. */
const NEIGHBOURS = `(select p.*, lag(counter) over (partition by ${SERIES.join(', ')} order by counter, id) as before,
    (${SERIES.join(', ')}) = ($1, $2, $3, $4, $5) as continued from part p)`;
/** The first document of a series. */
const FIRSTS = `${NEIGHBOURS} d where before is null and not continued`;

/**
 * The numbers of documents, series by series: no gap, and none twice. A number is committed after the one before it, so a slice never
 * sees one without the other.
 */
export const numberChecks: readonly Check[] = [
  checkInSql({
    name: 'numbers',
    table: 'documents',
    size: 200,
    columns: `merchant_id, id, issuer_id, kind, coalesce(clock_id, '') as clock_id, period_key, counter`,
    key: { columns: NUMBERS, types: [...texts(5), 'bigint', 'text'], start: ['', '', '', '', '', '-1', ''] },
    overlapping: true,
    finds: {
      series_gap: `select merchant_id, id, 'number ' || counter || ' follows ' || before || ' in ' || ${SERIES_NAME} as message
        from ${NEIGHBOURS} d where counter > before + 1
        union all
        select f.merchant_id, f.issuer_id, 'the first number is ' || f.counter || ' and not ' || s.first_counter || ' in ' || f.name
        from (select d.*, ${SERIES_NAME} as name from ${FIRSTS}) f
        join number_series s using (merchant_id, issuer_id, kind) where f.counter <> s.first_counter
        union all
        select merchant_id, issuer_id, 'there is no counter for ' || ${SERIES_NAME} from ${FIRSTS}
          and not exists (select from series_counters k where (k.merchant_id, k.issuer_id, k.kind, k.clock_id, k.period_key)
            = (d.merchant_id, d.issuer_id, d.kind, d.clock_id, d.period_key))`,
      series_double: `select merchant_id, id, 'another document has the counter ' || counter || ' of ' || ${SERIES_NAME} as message
        from ${NEIGHBOURS} d where counter = before`,
    },
  }),
  checkInSql({
    name: 'counters',
    table: 'series_counters',
    size: 200,
    key: { columns: SERIES, types: texts(5), start: ['', '', '', '', ''] },
    finds: {
      series_gap: `select merchant_id, issuer_id as id, 'the counter stands at ' || last_counter || ', the last document has '
          || coalesce(high::text, 'none') || ' in ' || ${SERIES_NAME} as message
        from (select k.*, (select max(d.counter) from documents d where d.merchant_id = k.merchant_id and d.issuer_id = k.issuer_id
            and d.kind = k.kind and coalesce(d.clock_id, '') = k.clock_id and d.period_key = k.period_key) as high from part k) k
        where high is distinct from last_counter`,
    },
  }),
];
