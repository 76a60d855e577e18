import { OPEN_ATTEMPT, WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import { rows } from '../platform/pool.ts';
import type { Check, Finding, Patience } from './finding.ts';
import { PREFIX } from '../../temporal/ids.ts';

/**
 * A check that Postgres can make by itself: a statement that answers merchant_id, id and message of whatever is
 * wrong. `$1` and `$2` are the patience for commands and attempts, in seconds.
 */
interface Statement {
  readonly check: string;
  readonly sql: string;
}

/** A broken book may break everywhere: so many findings of one check are enough to know. */
const MOST_FINDINGS = 1_000;

const LEDGER: readonly Statement[] = [
  {
    check: 'journal_unbalanced',
    sql: `select merchant_id, entry_id as id, 'its postings in ' || currency || ' add up to ' || sum(amount_minor) || ' and not to 0' as message
      from postings group by merchant_id, entry_id, currency having sum(amount_minor) <> 0`,
  },
  {
    // The ledger's receivables are all open receivables less all credit of customers.
    check: 'balance_differs',
    sql: `select merchant_id, account_id as id, 'the ledger says that ' || sum(ledger) || ' ' || currency
        || ' are owed, receivables less credits are ' || sum(open) as message
      from (
        select merchant_id, account_id, currency, amount_minor as ledger, 0::bigint as open from postings where ledger_account = 'receivable'
        union all select merchant_id, account_id, currency, 0, open_minor from receivables
        union all select merchant_id, account_id, currency, 0, -left_minor from credits) both_sides
      group by merchant_id, account_id, currency having sum(ledger) <> sum(open)`,
  },
  {
    check: 'open_differs',
    sql: `select r.merchant_id, r.id, 'open are ' || r.open_minor || ', amount less allocations are ' || r.amount_minor - coalesce(a.paid, 0) as message
      from receivables r left join (select merchant_id, receivable_id, sum(amount_minor) as paid from allocations group by 1, 2) a
        on a.merchant_id = r.merchant_id and a.receivable_id = r.id
      where r.open_minor <> r.amount_minor - coalesce(a.paid, 0)
      union all
      select c.merchant_id, c.id, 'left are ' || c.left_minor || ', amount less allocations and reversals are '
        || c.amount_minor - c.reversed_minor - coalesce(a.spent, 0)
      from credits c left join (select merchant_id, credit_id, sum(amount_minor) as spent from allocations group by 1, 2) a
        on a.merchant_id = c.merchant_id and a.credit_id = c.id
      where c.left_minor <> c.amount_minor - c.reversed_minor - coalesce(a.spent, 0)`,
  },
  {
    check: 'allocation_exceeds',
    sql: `select r.merchant_id, r.id, sum(a.amount_minor) || ' are allocated to a receivable of ' || r.amount_minor as message
      from allocations a join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
      group by r.merchant_id, r.id having sum(a.amount_minor) not between 0 and r.amount_minor
      union all
      select c.merchant_id, c.id, sum(a.amount_minor) || ' are allocated of a credit of ' || c.amount_minor - c.reversed_minor
      from allocations a join credits c on c.merchant_id = a.merchant_id and c.id = a.credit_id
      group by c.merchant_id, c.id having sum(a.amount_minor) not between 0 and c.amount_minor - c.reversed_minor`,
  },
  {
    check: 'allocation_crosses_accounts',
    sql: `select a.merchant_id, a.id, 'credit of account ' || c.account_id || ' pays for account ' || r.account_id as message
      from allocations a join credits c on c.merchant_id = a.merchant_id and c.id = a.credit_id
      join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
      where c.account_id <> r.account_id or c.currency <> r.currency`,
  },
];

const SERIES = `merchant_id, issuer_id, kind, coalesce(clock_id, '') as clock_id, period_key`;
/** Which series a row of `from` is about, for people. */
const seriesName = (from: string): string => `${from}.kind || ' of ' || ${from}.issuer_id
  || case when ${from}.period_key = '' then '' else ' in ' || ${from}.period_key end
  || case when ${from}.clock_id = '' then '' else ' on ' || ${from}.clock_id end`;

const NUMBERS: readonly Statement[] = [
  {
    check: 'series_gap',
    sql: `with numbered as (select ${SERIES}, id, counter,
          lag(counter) over (partition by merchant_id, issuer_id, kind, coalesce(clock_id, ''), period_key order by counter) as before
        from documents),
      series as (select merchant_id, issuer_id, kind, clock_id, period_key, min(counter) as low, max(counter) as high from numbered group by 1, 2, 3, 4, 5)
      select merchant_id, id, 'number ' || counter || ' follows ' || before || ' in ' || ${seriesName('numbered')} as message
      from numbered where counter > before + 1
      union all
      select s.merchant_id, s.issuer_id, 'the first number is ' || s.low || ' and not ' || n.first_counter || ' in ' || ${seriesName('s')}
      from series s join number_series n using (merchant_id, issuer_id, kind) where s.low <> n.first_counter
      union all
      select k.merchant_id, k.issuer_id, 'the counter stands at ' || k.last_counter || ', the last document has '
        || coalesce(s.high::text, 'none') || ' in ' || ${seriesName('k')}
      from series_counters k left join series s using (merchant_id, issuer_id, kind, clock_id, period_key)
      where s.high is distinct from k.last_counter
      union all
      select s.merchant_id, s.issuer_id, 'there is no counter for ' || ${seriesName('s')}
      from series s left join series_counters k using (merchant_id, issuer_id, kind, clock_id, period_key) where k.last_counter is null`,
  },
  {
    check: 'series_double',
    sql: `select merchant_id, min(id) as id, count(*) || ' documents have the number ' || number as message
      from documents group by merchant_id, issuer_id, kind, coalesce(clock_id, ''), number having count(*) > 1
      union all
      select merchant_id, min(id), count(*) || ' documents have the counter ' || counter || ' of one series'
      from documents group by merchant_id, issuer_id, kind, coalesce(clock_id, ''), period_key, counter having count(*) > 1`,
  },
];

const DOCUMENTS: readonly Statement[] = [
  {
    check: 'document_without_postings',
    sql: `select d.merchant_id, d.id, 'booked are ' || p.receivable || ' receivable, ' || p.deferred || ' deferred and ' || p.tax
        || ' tax; it says ' || d.gross_minor || ', ' || -d.net_minor || ' and ' || -d.tax_minor as message
      from documents d
      left join journal_entries e on e.merchant_id = d.merchant_id and e.fact = 'document:' || d.id
      cross join lateral (select coalesce(sum(amount_minor) filter (where ledger_account = 'receivable'), 0) as receivable,
          coalesce(sum(amount_minor) filter (where ledger_account = 'deferred_revenue'), 0) as deferred,
          coalesce(sum(amount_minor) filter (where ledger_account = 'tax'), 0) as tax
        from postings where merchant_id = d.merchant_id and entry_id = e.id) p
      where e.id is null or (p.receivable, p.deferred, p.tax) is distinct from (d.gross_minor, -d.net_minor, -d.tax_minor)`,
  },
  {
    check: 'document_altered',
    sql: `select d.merchant_id, d.id, case when s.seal is null then 'it has no seal' else 'it is not what it was when it became final' end as message
      from documents d left join document_seals s on s.merchant_id = d.merchant_id and s.document_id = d.id
      where s.seal is null or s.seal is distinct from sha256(convert_to(document_content(d.merchant_id, d.id, s.version), 'UTF8'))`,
  },
  {
    // All credits of an invoice, on whichever documents (rule 16).
    check: 'credits_exceed_invoice',
    sql: `select d.merchant_id, d.document_id as id, 'of ' || t.category || ' at ' || t.rate || ' % it had ' || t.net_minor || ' and ' || t.tax_minor
        || ' of tax, credited are ' || t.credited_net_minor || ' and ' || t.credited_tax_minor as message
      from (select distinct l.merchant_id, l.document_id from charges c
          join document_lines l on l.merchant_id = c.merchant_id and l.charge_id = c.reverses_id where c.reverses_id is not null) d
      cross join lateral credited_taxes(d.merchant_id, array[d.document_id]) t
      where t.amount_minor > 0 and (t.credited_net_minor > t.net_minor or t.credited_tax_minor > t.tax_minor
        or t.credited_net_minor + t.credited_tax_minor > t.net_minor + t.tax_minor)`,
  },
  {
    check: 'document_unsettled',
    sql: `select d.merchant_id, d.id, case d.kind when 'invoice' then 'its receivables are ' else 'its credits are ' end
        || coalesce(s.amount, 0) || ', its total is ' || d.gross_minor as message
      from documents d cross join lateral (
        select case d.kind
          when 'invoice' then (select sum(amount_minor) from receivables r where r.merchant_id = d.merchant_id and r.document_id = d.id)
          else (select -sum(amount_minor) from credits c where c.merchant_id = d.merchant_id and c.document_id = d.id) end as amount) s
      where s.amount is distinct from d.gross_minor and d.gross_minor <> 0`,
  },
  {
    // What comes to nothing has no document, unless something else of its step has one; only these are looked for, as
    // for each of them the lines of its contract are read.
    check: 'charge_without_document',
    sql: `with bare as materialized (select c.* from charges c join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
        where a.kind = 'immediate' and not exists (select from document_lines l where l.merchant_id = c.merchant_id and l.charge_id = c.id))
      select c.merchant_id, c.id, 'its ' || c.amount_minor || ' ' || c.currency || ' are on no document' as message
      from bare c where c.amount_minor <> 0 or c.kind <> 'one_time' and exists (select from charges x
        join document_lines l on l.merchant_id = x.merchant_id and l.charge_id = x.id
        where x.merchant_id = c.merchant_id and x.contract_id = c.contract_id and x.kind <> 'one_time'
          and x.effective_at = c.effective_at and x.command_id is not distinct from c.command_id)`,
  },
  {
    check: 'entry_without_fact',
    sql: `select e.merchant_id, e.id, 'it books ' || e.fact || ', which is not there' as message from journal_entries e
      where (e.fact like 'document:%' and not exists (select from documents d where d.merchant_id = e.merchant_id and 'document:' || d.id = e.fact))
        or (e.fact like 'payment:%' and not exists (select from payments p where p.merchant_id = e.merchant_id and 'payment:' || p.id = e.fact))`,
  },
];

const OPEN_THINGS: readonly Statement[] = [
  {
    // Collection's agenda row comes with every attempt and goes with its outcome: without it nobody asks any more.
    check: 'attempt_orphaned',
    sql: `select t.merchant_id, t.id, 'it is ' || t.state || ', and nothing on the agenda is about receivable ' || t.receivable_id as message
      from attempts t where t.state in ${stateList(OPEN_ATTEMPT)}
        and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and not exists (select from agenda g where g.workflow_id = '${PREFIX.collection}' || t.receivable_id)`,
  },
  {
    // Waiting for the customer or for a bank may take weeks; what was planned, sent or never answered may not.
    check: 'attempt_without_outcome',
    sql: `select t.merchant_id, t.id, 'still ' || t.state || ', since ' || iso(coalesce(t.sent_at, t.effective_at)) as message
      from attempts t join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
      left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
      where t.state in ${stateList([...WITHOUT_OUTCOME, 'unknown'])} and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and coalesce(t.sent_at, t.effective_at) + make_interval(secs => $2) <= coalesce(k.now_at, clock_timestamp())`,
  },
  {
    check: 'attempt_without_payment',
    sql: `select t.merchant_id, t.id, 'it succeeded, and no payment of ' || t.amount_minor || ' ' || t.currency || ' is booked' as message
      from attempts t left join payments p on p.merchant_id = t.merchant_id and p.attempt_id = t.id
      where t.state = 'succeeded' and (p.amount_minor, p.currency) is distinct from (t.amount_minor, t.currency)`,
  },
  {
    check: 'payment_without_attempt',
    sql: `select p.merchant_id, p.id, 'attempt ' || p.attempt_id || ' is ' || t.state as message
      from payments p join attempts t on t.merchant_id = p.merchant_id and t.id = p.attempt_id where t.state <> 'succeeded'`,
  },
  {
    check: 'payment_without_postings',
    sql: `select p.merchant_id, p.id, 'no entry books its ' || p.amount_minor || ' ' || p.currency as message from payments p
      where p.amount_minor is distinct from (select sum(x.amount_minor) from journal_entries e
          join postings x on x.merchant_id = e.merchant_id and x.entry_id = e.id
        where e.merchant_id = p.merchant_id and e.fact = 'payment:' || p.id and x.ledger_account like 'cash:%')`,
  },
  {
    check: 'incident_open',
    sql: `select merchant_id, id, workflow_id || ' stands still since ' || iso(opened_at) || ' at ' || step || ': ' || split_part(error, E'\\n', 1) as message
      from incidents where closed_at is null`,
  },
  {
    check: 'command_undecided',
    sql: `select merchant_id, id, kind || ' of ' || contract_id || ' is undecided since ' || iso(recorded_at) as message
      from commands where state = 'pending' and recorded_at + make_interval(secs => $1) <= clock_timestamp()`,
  },
];

function byStatements(statements: readonly Statement[]): Check {
  return async function* (db, { commandSeconds, attemptSeconds }: Patience) {
    for (const { check, sql } of statements) {
      // Both parameters are named, as Postgres must know the type of each.
      const found = await rows<Omit<Finding, 'check'>>(
        db,
        `select merchant_id, id, message from (${sql}) found
         where $1::float8 is not null and $2::float8 is not null order by merchant_id, id limit ${MOST_FINDINGS}`,
        [commandSeconds, attemptSeconds],
      );
      for (const each of found) yield { check, ...each };
    }
  };
}

export const ledgerChecks = byStatements(LEDGER);
export const numberChecks = byStatements(NUMBERS);
export const documentChecks = byStatements(DOCUMENTS);
export const openChecks = byStatements(OPEN_THINGS);
