import { OPEN_ATTEMPT, UNANSWERED } from '../../domain/payments/attempt.ts';
import { PREFIX } from '../../temporal/ids.ts';
import { stateList } from '../platform/state-list.ts';
import { type Check, checkInSql } from './slices.ts';

/** The ledger, by entry, by account, and by what pays and is paid. An account is never cut. */
export const ledgerChecks: readonly Check[] = [
  checkInSql({
    name: 'entries',
    table: 'journal_entries',
    size: 1_000,
    finds: {
      journal_unbalanced: `select e.merchant_id, e.id, 'its postings in ' || p.currency || ' add up to ' || sum(p.amount_minor) || ' and not to 0' as message
        from part e join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id
        group by e.merchant_id, e.id, p.currency having sum(p.amount_minor) <> 0`,
      // By the key of what it books: a slice looks up a thousand of them.
      entry_without_fact: `select e.merchant_id, e.id, 'it books ' || e.fact || ', which is not there' as message from part e
      where (e.fact like 'document:%' and not exists (select from documents d where d.merchant_id = e.merchant_id and d.id = substr(e.fact, 10)))
        or (e.fact like 'payment:%' and not exists (select from payments p where p.merchant_id = e.merchant_id and p.id = substr(e.fact, 9)))`,
    },
  }),
  checkInSql({
    name: 'accounts',
    table: 'billing_accounts',
    size: 200,
    finds: {
      // The ledger's receivables are all open receivables less all credit of customers.
      balance_differs: `select merchant_id, id, 'the ledger says that ' || sum(ledger) || ' ' || currency
          || ' are owed, receivables less credits are ' || sum(open) as message
        from (
          select a.merchant_id, a.id, p.currency, p.amount_minor as ledger, 0::bigint as open from part a
            join postings p on p.merchant_id = a.merchant_id and p.account_id = a.id and p.ledger_account = 'receivable'
          union all select a.merchant_id, a.id, r.currency, 0, r.open_minor from part a
            join receivables r on r.merchant_id = a.merchant_id and r.account_id = a.id and r.open_minor > 0
          union all select a.merchant_id, a.id, c.currency, 0, -c.left_minor from part a
            join credits c on c.merchant_id = a.merchant_id and c.account_id = a.id and c.left_minor > 0) both_sides
        group by merchant_id, id, currency having sum(ledger) <> sum(open)`,
    },
  }),
  checkInSql({
    name: 'receivables',
    table: 'receivables',
    size: 1_000,
    finds: {
      open_differs: `select r.merchant_id, r.id, 'open are ' || r.open_minor || ', amount less allocations are ' || r.amount_minor - coalesce(a.paid, 0) as message
        from part r cross join lateral (select sum(x.amount_minor) as paid from allocations x
          where x.merchant_id = r.merchant_id and x.receivable_id = r.id) a
        where r.open_minor <> r.amount_minor - coalesce(a.paid, 0)`,
      allocation_exceeds: `select r.merchant_id, r.id, a.paid || ' are allocated to a receivable of ' || r.amount_minor as message
        from part r cross join lateral (select sum(x.amount_minor) as paid from allocations x
          where x.merchant_id = r.merchant_id and x.receivable_id = r.id) a
        where a.paid not between 0 and r.amount_minor`,
      // What a row has copied from the row that it belongs to: no foreign key says so (ADR 25).
      copy_differs: `select r.merchant_id, r.id, 'its contract or account is not that of document ' || d.id as message
        from part r join documents d on d.merchant_id = r.merchant_id and d.id = r.document_id
        where r.account_id <> d.account_id or r.contract_id is distinct from d.contract_id`,
    },
  }),
  checkInSql({
    name: 'credits',
    table: 'credits',
    size: 1_000,
    finds: {
      open_differs: `select c.merchant_id, c.id, 'left are ' || c.left_minor || ', amount less allocations and reversals are '
          || c.amount_minor - c.reversed_minor - coalesce(a.spent, 0) as message
        from part c cross join lateral (select sum(x.amount_minor) as spent from allocations x
          where x.merchant_id = c.merchant_id and x.credit_id = c.id) a
        where c.left_minor <> c.amount_minor - c.reversed_minor - coalesce(a.spent, 0)`,
      allocation_exceeds: `select c.merchant_id, c.id, a.spent || ' are allocated of a credit of ' || c.amount_minor - c.reversed_minor as message
        from part c cross join lateral (select sum(x.amount_minor) as spent from allocations x
          where x.merchant_id = c.merchant_id and x.credit_id = c.id) a
        where a.spent not between 0 and c.amount_minor - c.reversed_minor`,
      copy_differs: `select c.merchant_id, c.id, 'its account is not that of ' || coalesce(d.id, p.id) as message from part c
        left join documents d on d.merchant_id = c.merchant_id and d.id = c.document_id
        left join payments p on p.merchant_id = c.merchant_id and p.id = c.payment_id
        where c.account_id <> coalesce(d.account_id, p.account_id)`,
    },
  }),
  checkInSql({
    name: 'allocations',
    table: 'allocations',
    size: 1_000,
    finds: {
      allocation_crosses_accounts: `select a.merchant_id, a.id, 'credit of account ' || c.account_id || ' pays for account ' || r.account_id as message
      from part a join credits c on c.merchant_id = a.merchant_id and c.id = a.credit_id
      join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
      where c.account_id <> r.account_id or c.currency <> r.currency`,
    },
  }),
];

/** Documents, by document, and charges that are on none. */
export const documentChecks: readonly Check[] = [
  checkInSql({
    name: 'documents',
    table: 'documents',
    size: 200,
    finds: {
      document_without_postings: `select d.merchant_id, d.id, 'booked are ' || p.receivable || ' receivable, ' || p.deferred || ' deferred and ' || p.tax
        || ' tax; it says ' || d.gross_minor || ', ' || -d.net_minor || ' and ' || -d.tax_minor as message
      from part d
      left join journal_entries e on e.merchant_id = d.merchant_id and e.fact = 'document:' || d.id
      cross join lateral (select coalesce(sum(amount_minor) filter (where ledger_account = 'receivable'), 0) as receivable,
          coalesce(sum(amount_minor) filter (where ledger_account = 'deferred_revenue'), 0) as deferred,
          coalesce(sum(amount_minor) filter (where ledger_account = 'tax'), 0) as tax
        from postings where merchant_id = d.merchant_id and entry_id = e.id) p
      where e.id is null or (p.receivable, p.deferred, p.tax) is distinct from (d.gross_minor, -d.net_minor, -d.tax_minor)`,
      document_altered: `select d.merchant_id, d.id, case when s.seal is null then 'it has no seal' else 'it is not what it was when it became final' end as message
      from part d left join document_seals s on s.merchant_id = d.merchant_id and s.document_id = d.id
      where s.seal is null or s.seal is distinct from sha256(convert_to(document_content(d.merchant_id, d.id, s.version), 'UTF8'))`,
      document_unsettled: `select d.merchant_id, d.id, case d.kind when 'invoice' then 'its receivables are ' else 'its credits are ' end
        || coalesce(s.amount, 0) || ', its total is ' || d.gross_minor as message
      from part d cross join lateral (
        select case d.kind
          when 'invoice' then (select sum(amount_minor) from receivables r where r.merchant_id = d.merchant_id and r.document_id = d.id)
          else (select -sum(amount_minor) from credits c where c.merchant_id = d.merchant_id and c.document_id = d.id) end as amount) s
      where s.amount is distinct from d.gross_minor and d.gross_minor <> 0`,
      copy_differs: `select d.merchant_id, d.id, 'the vault has no version ' || x.version || ' of ' || x.subject as message from part d
        cross join lateral (values (d.recipient_subject_id, d.recipient_version), (d.issuer_subject_id, d.issuer_version)) x(subject, version)
        where not exists (select from vault_records v where v.merchant_id = d.merchant_id and v.subject_id = x.subject and v.version = x.version)`,
      series_double: `select d.merchant_id, d.id, o.n || ' documents have the number ' || d.number as message
        from part d cross join lateral (select count(*) as n, min(x.id) as id from documents x
          where x.merchant_id = d.merchant_id and x.number = d.number and x.issuer_id = d.issuer_id and x.kind = d.kind
            and coalesce(x.clock_id, '') = coalesce(d.clock_id, '')) o
        where o.n > 1 and o.id = d.id`,
    },
  }),
  checkInSql({
    name: 'credited_documents',
    table: 'documents',
    size: 200,
    finds: {
      // All credits of an invoice, on whichever documents (rule 16).
      credits_exceed_invoice: `select d.merchant_id, d.id, 'of ' || t.category || ' at ' || t.rate || ' % it had ' || t.net_minor || ' and ' || t.tax_minor
        || ' of tax, credited are ' || t.credited_net_minor || ' and ' || t.credited_tax_minor as message
      from (select p.merchant_id, p.id from part p where exists (select from document_lines l
          join charges c on c.merchant_id = l.merchant_id and c.reverses_id = l.charge_id
          where l.merchant_id = p.merchant_id and l.document_id = p.id)) d
        cross join lateral credited_taxes(d.merchant_id, array[d.id]) t
      where t.amount_minor > 0 and (t.credited_net_minor > t.net_minor or t.credited_tax_minor > t.tax_minor
        or t.credited_net_minor + t.credited_tax_minor > t.net_minor + t.tax_minor)`,
    },
  }),
  checkInSql({
    name: 'charges',
    table: 'charges',
    size: 1_000,
    finds: {
      // What comes to nothing has no document, unless something else of its step has one; only these are looked for, as
      // for each of them the lines of its contract are read.
      charge_without_document: `with bare as materialized (select c.* from part c join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
        where a.kind = 'immediate' and not exists (select from document_lines l where l.merchant_id = c.merchant_id and l.charge_id = c.id))
      select c.merchant_id, c.id, 'its ' || c.amount_minor || ' ' || c.currency || ' are on no document' as message
      from bare c where c.amount_minor <> 0 or c.kind <> 'one_time' and exists (select from charges x
        join document_lines l on l.merchant_id = x.merchant_id and l.charge_id = x.id
        where x.merchant_id = c.merchant_id and x.contract_id = c.contract_id and x.kind <> 'one_time'
          and x.effective_at = c.effective_at and x.command_id is not distinct from c.command_id)`,
    },
  }),
];

/** Attempts and payments, and what is still open. */
export const openChecks: readonly Check[] = [
  checkInSql({
    name: 'attempts',
    table: 'attempts',
    size: 1_000,
    patience: ({ attemptSeconds }) => attemptSeconds,
    finds: {
      copy_differs: `select t.merchant_id, t.id, 'its contract or account is not that of receivable ' || r.id as message
        from part t join receivables r on r.merchant_id = t.merchant_id and r.id = t.receivable_id
        where t.contract_id is distinct from r.contract_id or t.account_id <> r.account_id
        union all
        select t.merchant_id, t.id, 'there is no payment method ' || t.payment_method_id from part t
        where not exists (select from payment_methods m where m.merchant_id = t.merchant_id and m.id = t.payment_method_id)`,
      // Collection's agenda row comes with every attempt and goes with its outcome: without it nobody asks any more.
      attempt_orphaned: `select t.merchant_id, t.id, 'it is ' || t.state || ', and nothing on the agenda is about receivable ' || t.receivable_id as message
      from part t where t.state in ${stateList(OPEN_ATTEMPT)}
        and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and not exists (select from agenda g where g.workflow_id = '${PREFIX.collection}' || t.receivable_id)`,
      // Waiting for the customer or for a bank may take weeks; what was planned, sent or never answered may not.
      attempt_without_outcome: `select t.merchant_id, t.id, 'still ' || t.state || ', since ' || iso(coalesce(t.sent_at, t.effective_at)) as message
      from part t join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
      left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
      where t.state in ${stateList(UNANSWERED)} and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and coalesce(t.sent_at, t.effective_at) + make_interval(secs => $3) <= coalesce(k.now_at, clock_timestamp())`,
      attempt_without_payment: `select t.merchant_id, t.id, 'it succeeded, and no payment of ' || t.amount_minor || ' ' || t.currency || ' is booked' as message
      from part t left join payments p on p.merchant_id = t.merchant_id and p.attempt_id = t.id
      where t.state = 'succeeded' and (p.amount_minor, p.currency) is distinct from (t.amount_minor, t.currency)`,
    },
  }),
  checkInSql({
    name: 'payments',
    table: 'payments',
    size: 1_000,
    finds: {
      payment_without_attempt: `select p.merchant_id, p.id, 'attempt ' || p.attempt_id || ' is ' || t.state as message
      from part p join attempts t on t.merchant_id = p.merchant_id and t.id = p.attempt_id where t.state <> 'succeeded'`,
      payment_without_postings: `select p.merchant_id, p.id, 'no entry books its ' || p.amount_minor || ' ' || p.currency as message from part p
      where p.amount_minor is distinct from (select sum(x.amount_minor) from journal_entries e
          join postings x on x.merchant_id = e.merchant_id and x.entry_id = e.id
        where e.merchant_id = p.merchant_id and e.fact = 'payment:' || p.id and x.ledger_account like 'cash:%')`,
    },
  }),
  checkInSql({
    name: 'incidents',
    table: 'incidents',
    size: 1_000,
    finds: {
      incident_open: `select merchant_id, id, workflow_id || ' stands still since ' || iso(opened_at) || ' at ' || step || ': ' || split_part(error, E'\\n', 1) as message
      from part where closed_at is null`,
    },
  }),
  checkInSql({
    name: 'commands',
    table: 'commands',
    size: 1_000,
    patience: ({ commandSeconds }) => commandSeconds,
    finds: {
      command_undecided: `select merchant_id, id, kind || ' of ' || contract_id || ' is undecided since ' || iso(recorded_at) as message
      from part where state = 'pending' and recorded_at + make_interval(secs => $3) <= clock_timestamp()`,
    },
  }),
];
