import type { Response } from 'express';
import { z } from 'zod';
import { type Context, type Parsed, Reply, type Route, StreamAnswer } from './route.ts';
import { read } from './validate.ts';

/** How many entries are read at once for a CSV. */
const ROWS = 500;

/** A plain number, such as an amount. A spreadsheet may calculate with it. */
const NUMBER = /^-?\d+(\.\d+)?$/;

/** One cell. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of CSV (RFC 4180). */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cellOf).join(',')}\r\n`;
}

/** The value at a path such as `party.name`; undefined if a part is missing or null. */
function valueAt(entry: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], entry);
}

interface PageBody {
  readonly data: readonly unknown[];
  readonly next_cursor: string | null;
}

/**
 * The route that answers all entries of a list as CSV, with the filters and the order of the list. It reads page by page as the
 * caller receives, so its memory does not grow with the list.
 * @param columns the fields of an entry, as paths: `party.name` becomes the column `party_name`
 */
export function csvRoute(list: Route, columns: readonly string[]): Route {
  const { spec } = list;
  const query = (spec.query as z.ZodObject).omit({ limit: true, cursor: true });
  const name = spec.path.split('/').at(-1) ?? '';
  return {
    spec: {
      ...spec,
      path: `${spec.path}.csv`,
      summary: `${spec.summary} as CSV`,
      description:
        'All entries that fit the filters, in the order of the list, without pages. Cells that a spreadsheet would take for a ' +
        'formula begin with an apostrophe. If the connection breaks, the CSV is not whole.',
      query,
      response: z.string(),
      produces: 'text/csv',
    },
    parse: (request, json) => ({
      ...list.parse({ ...request, params: request.params, query: {} } as typeof request, json),
      query: read(query, request.query) as never,
    }),
    handle: async (parsed, context) => {
      const lines = linesOf(list, columns, parsed, context);
      // The first page is read before anything is sent, so that a refusal is answered as a problem.
      const first = await lines.next();
      const head = first.done === true ? '' : first.value;
      return new Reply(200, new StreamAnswer(head, lines, `${name}.csv`));
    },
  };
}

/** The lines of each page as one text. The first has the names of the columns, too. */
async function* linesOf(
  list: Route,
  columns: readonly string[],
  parsed: Parsed<undefined, undefined, undefined>,
  context: Context,
): AsyncGenerator<string, void> {
  let text = csvLine(columns.map((path) => path.replaceAll('.', '_')));
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = {
      ...(parsed.query as object | undefined),
      limit: ROWS,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { body } = await list.handle({ ...parsed, query }, context);
    const { data, next_cursor } = body as PageBody;
    text += data.map((entry) => csvLine(columns.map((path) => valueAt(entry, path)))).join('');
    yield text;
    text = '';
    cursor = next_cursor;
  }
}

/** Waits until the caller has received what was written, or has left. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    if (response.destroyed) resolve();
    else response.on('drain', done).on('close', done);
  });
}

/** Sends a stream as fast as the caller receives it. */
export async function sendStream(response: Response, { head, rest, filename }: StreamAnswer): Promise<void> {
  response.status(200).type('text/csv').set('Content-Disposition', `attachment; filename="${filename}"`);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.write(head);
  for await (const text of rest) {
    if (response.writableNeedDrain) await drained(response);
    if (response.destroyed) return;
    response.write(text);
  }
  response.end();
}
