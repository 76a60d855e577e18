import { z } from 'zod';
import { getAccount } from '../../db/books/accounts.ts';
import { type StatementView, getStatement, listStatements } from '../../db/books/statements.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { printStatement } from '../../documents/print.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { createStatement, loadPrintedStatement } from '../../engine/books/statements.ts';
import { pdfRoute, textRoute } from '../print.ts';
import { type Route, route } from '../route.ts';
import { newStatement, statementOut } from '../schemas/accounts.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

const tag = 'Billing accounts';

function toWire(row: StatementView): z.input<typeof statementOut> {
  const money = (minor: bigint): string => formatMinor(minor, row.currency);
  return {
    id: row.id,
    account: row.account,
    customer: row.customer,
    from: row.from,
    to: row.to,
    currency: row.currency,
    opening: money(row.opening_minor),
    closing: money(row.closing_minor),
    entries: row.entries.map(({ at, kind, text, reference, document, amountMinor }) => ({
      at,
      date: dateAt(at, row.time_zone),
      kind,
      text,
      reference,
      invoice: document,
      amount: money(amountMinor),
    })),
    at: row.effective_at,
  };
}

export const statementRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/billing-accounts/{id}/statements',
      tag,
      summary: 'Create an account statement',
      description:
        'The entries of an account in a span of days, with the balances before and after. Later entries do not change a ' +
        'statement, not even a receipt that is dated back into its days.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: newStatement,
      status: [201],
      response: statementOut,
      errors: ['invalid_date', 'span_empty', 'date_in_the_future', 'too_many_entries'],
    },
    async ({ params, body }, { db, merchant }) => {
      const id = await createStatement(db, merchant, params.id, body);
      return toWire(found(await getStatement(db, merchant, id), 'statement'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts/{id}/statements',
      tag,
      summary: 'List the statements of a billing account',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(statementOut),
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const { id } = found(await getAccount(db, merchant, params.id), 'billing account');
      return mapPage(await listStatements(db, merchant, id, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/statements/{id}',
      tag,
      summary: 'Read an account statement',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: statementOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getStatement(db, merchant, params.id), 'statement')),
  ),
  textRoute({
    path: '/v1/statements/{id}/print',
    tag,
    of: 'an account statement',
    description: '92 characters wide.',
    load: loadPrintedStatement,
    print: printStatement,
  }),
  pdfRoute({ path: '/v1/statements/{id}/pdf', tag, kind: 'statement', of: 'an account statement' }),
];
