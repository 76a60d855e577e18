import { setTimeout as delay } from 'node:timers/promises';
import { type Invoice, type InvoiceLine, type TenorClient, all } from '../../client/index.ts';
import { type CatalogueOptions, createCatalogue } from './catalogue.ts';
import { MUSTER_TALE, SECOND_TALE } from './muster.ts';
import type { Customers, ExpectedBook, Sheet, Tale, World } from './tale.ts';
import { YEAR } from './year.ts';
import { YEARLY_TALE } from './yearly.ts';

/** The tales of the demo, in order. */
export const TALES: readonly Tale[] = [YEAR, YEARLY_TALE, MUSTER_TALE, SECOND_TALE];

/** The documents, balance and attempts of a customer at the end of a tale. */
interface Book {
  readonly name: string;
  /** In the order in which they were made. */
  readonly documents: readonly Invoice[];
  readonly balance: string;
  readonly attempts: Readonly<Record<string, number>>;
}

/** The books of a tale's customers, by their short names. */
export type Books = ReadonlyMap<string, Book>;

/**
 * Runs the tales through the public API, each on a new test clock. `progress` is called with the done share of a tale, and a text.
 * @returns the books of each tale
 */
export async function liveTales(
  api: TenorClient,
  tales: readonly Tale[],
  progress: (share: number, what: string) => void,
  options: CatalogueOptions = {},
): Promise<Books[]> {
  await createCatalogue(api, options);
  const lived: Books[] = [];
  for (const tale of tales) lived.push(await live(api, tale, progress));
  return lived;
}

async function live(
  api: TenorClient,
  { name, begins, ends, acts, expected }: Tale,
  progress: (share: number, what: string) => void,
): Promise<Books> {
  const { id: clock } = await api.post('/v1/test-clocks', { body: { name, at: begins } });
  const customers: Customers = new Map();
  const world: World = { api, clock, customers };
  const [first, last] = [Date.parse(begins), Date.parse(ends)];
  for (const act of acts) {
    await advance(api, clock, act.at);
    progress((Date.parse(act.at) - first) / (last - first), `${act.at.slice(0, 10)}  ${act.what}`);
    await act.does(world);
  }
  await advance(api, clock, ends);
  progress(1, `${ends.slice(0, 10)}  ${name}: over`);
  const books = new Map<string, Book>();
  for (const [short, { customer }] of customers) {
    books.set(short, await bookOf(api, expected[short]?.name ?? short, customer));
  }
  return books;
}

async function advance(api: TenorClient, id: string, to: string): Promise<void> {
  const { now } = await api.get('/v1/test-clocks/{id}', { id });
  if (Date.parse(now) >= Date.parse(to)) return;
  await api.post('/v1/test-clocks/{id}/advance', { id, body: { to } });
  for (;;) {
    const { status, problem } = await api.get('/v1/test-clocks/{id}', { id });
    if (status === 'ready') return;
    if (status === 'stuck') throw new Error(`the clock is stuck: ${problem}`);
    await delay(20);
  }
}

async function bookOf(api: TenorClient, name: string, customer: string): Promise<Book> {
  const documents: Invoice[] = [];
  for await (const { id } of api.list('/v1/invoices', { customer, sort: 'at' })) {
    documents.push(await api.get('/v1/invoices/{id}', { id }));
  }
  const accounts = await all(api.list('/v1/billing-accounts', { customer }));
  const attempts: Record<string, number> = {};
  for (const { id } of accounts) {
    for await (const { state } of api.list('/v1/attempts', { account: id }))
      attempts[state] = (attempts[state] ?? 0) + 1;
  }
  return { name, documents, balance: accounts[0]?.balance ?? '0.00', attempts };
}

/** The differences between the books that a tale made and those that were calculated by hand. */
export function differences({ expected }: Tale, books: Books): string[] {
  return Object.entries(expected).flatMap(([short, wanted]) => {
    const book = books.get(short);
    return book === undefined ? [`${wanted.name} has no book`] : differencesIn(book, wanted);
  });
}

function differencesIn(book: Book, expected: ExpectedBook): string[] {
  const sort = (list: readonly (readonly string[])[]): string[] =>
    list.map((each) => each.join(' / ')).sort();
  const made = sort(book.documents.map(({ issue_date, net, tax, gross }) => [issue_date, net, tax, gross]));
  const wanted = sort(expected.documents);
  const unlike = (what: string, is: string, should: string): string[] =>
    is === should ? [] : [`${what} ${is} instead of ${should}`];
  const sheets = expected.sheets ?? [];
  return [
    ...wanted.filter((each) => !made.includes(each)).map((each) => `missing ${each}`),
    ...made.filter((each) => !wanted.includes(each)).map((each) => `unexpected ${each}`),
    ...unlike('documents:', String(made.length), String(wanted.length)),
    ...unlike('balance', book.balance, expected.balance),
    ...unlike('attempts', attemptsText(book.attempts), attemptsText(expected.attempts)),
    ...sheets.flatMap((sheet, n) =>
      unlike('document', sheetText(sheetOf(book.documents[n])), sheetText(sheet)),
    ),
  ].map((difference) => `${expected.name}: ${difference}`);
}

function sheetOf(document: Invoice | undefined): Sheet | null {
  if (document === undefined) return null;
  const { number, title, due_date, open, lines } = document;
  const lineText = ({ from, text, quantity, unit_price, amount }: InvoiceLine): string =>
    `${from} ${text}, ${quantity} × ${unit_price} = ${amount}`;
  return { number, title, due: due_date, open, lines: lines.map(lineText) };
}

function sheetText(sheet: Sheet | null): string {
  if (sheet === null) return 'none';
  const { number, title, due, open, lines } = sheet;
  return [number, title, due, open, ...lines].join('; ');
}

/** The numbers of attempts by state, in one line. */
export function attemptsText(attempts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(attempts).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.length === 0 ? 'none' : parts.map(([state, count]) => `${count} ${state}`).join(', ');
}

/** The explanation of the upgrade in the middle of January, line by line. */
export async function explainUpgrade(api: TenorClient, [year]: readonly Books[]): Promise<string[]> {
  const upgrade = year?.get('nordlicht')?.documents.find(({ issue_date }) => issue_date === '2024-01-16');
  if (upgrade === undefined) return [];
  const { lines } = await api.get('/v1/invoices/{id}/explain', { id: upgrade.id });
  return [`${upgrade.number} of ${upgrade.issue_date}:`, ...lines.map((line) => `  ${line.explanation}`)];
}

/** The printed text of Muster's invoice of December. */
export async function printMuster(api: TenorClient, lived: readonly Books[]): Promise<string> {
  const documents = lived.flatMap((books) => [...(books.get('muster')?.documents ?? [])]);
  const december = documents.find(({ issue_date }) => issue_date === '2016-12-01');
  return december === undefined ? '' : api.get('/v1/invoices/{id}/print', { id: december.id });
}
