import { setTimeout as delay } from 'node:timers/promises';
import { createCatalogue } from './catalogue.ts';
import { type ApiClient, createClient } from './client.ts';
import { type Contracts, EXPECTED, type World, YEAR, YEAR_BEGINS, YEAR_ENDS } from './year.ts';

/** What a customer's books say at the end of the year. */
export interface Book {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly balance: string;
  readonly attempts: Readonly<Record<string, number>>;
}

interface Document {
  readonly id: string;
  readonly number: string;
  readonly issue_date: string;
  readonly net: string;
  readonly tax: string;
  readonly gross: string;
  readonly state: string;
}

export interface LivedYear {
  readonly books: ReadonlyMap<string, Book>;
  readonly explanation: readonly string[];
}

/** Lives the year on a fresh test clock, through the public API. `progress` hears the share that is done, and why. */
export async function liveTheYear(
  apiUrl: string,
  apiKey: string,
  progress: (share: number, what: string) => void,
): Promise<LivedYear> {
  const api = createClient(apiUrl, apiKey);
  await createCatalogue(api);
  const { id: clock } = await api.post<{ id: string }>('/v1/test-clocks', {
    name: 'the year',
    at: YEAR_BEGINS,
  });
  const contracts: Contracts = new Map();
  const world: World = { api, clock, contracts };
  const [begins, ends] = [Date.parse(YEAR_BEGINS), Date.parse(YEAR_ENDS)];
  for (const act of YEAR) {
    await advance(api, clock, act.at);
    progress((Date.parse(act.at) - begins) / (ends - begins), `${act.at.slice(0, 10)}  ${act.what}`);
    await act.does(world);
  }
  await advance(api, clock, YEAR_ENDS);
  progress(1, `${YEAR_ENDS.slice(0, 10)}  the year is over`);
  const books = new Map<string, Book>();
  for (const [short, { customer }] of contracts) books.set(short, await bookOf(api, short, customer));
  return { books, explanation: await explained(api, books.get('nordlicht')) };
}

async function advance(api: ApiClient, clock: string, to: string): Promise<void> {
  const path = `/v1/test-clocks/${clock}`;
  const { now } = await api.get<{ now: string }>(path);
  if (Date.parse(now) >= Date.parse(to)) return;
  await api.post(`${path}/advance`, { to });
  for (;;) {
    const { status, problem } = await api.get<{ status: string; problem: string | null }>(path);
    if (status === 'ready') return;
    if (status === 'stuck') throw new Error(`the clock is stuck: ${problem}`);
    await delay(20);
  }
}

async function bookOf(api: ApiClient, short: string, customer: string): Promise<Book> {
  const documents = await api.list<Document>(`/v1/invoices?customer=${customer}`);
  const accounts = await api.list<{ id: string; balance: string }>(
    `/v1/billing-accounts?customer=${customer}`,
  );
  const attempts: Record<string, number> = {};
  for (const { id } of accounts) {
    for (const { state } of await api.list<{ state: string }>(`/v1/attempts?account=${id}`))
      attempts[state] = (attempts[state] ?? 0) + 1;
  }
  return {
    name: EXPECTED[short]?.name ?? short,
    documents,
    balance: accounts[0]?.balance ?? '0.00',
    attempts,
  };
}

/** The upgrade in the middle of January, line by line. */
async function explained(api: ApiClient, book: Book | undefined): Promise<string[]> {
  const upgrade = book?.documents.find((document) => document.issue_date === '2024-01-16');
  if (upgrade === undefined) return [];
  const { lines } = await api.get<{ lines: { explanation: string }[] }>(`/v1/invoices/${upgrade.id}/explain`);
  return [`${upgrade.number} of ${upgrade.issue_date}:`, ...lines.map((line) => `  ${line.explanation}`)];
}

/** Every difference between what the year made and what a pencil says; none means that all is right. */
export function differences(books: ReadonlyMap<string, Book>): string[] {
  return Object.entries(EXPECTED).flatMap(([short, expected]) => {
    const book = books.get(short);
    if (book === undefined) return [`${expected.name} has no book`];
    const sort = (list: readonly (readonly string[])[]): string[] =>
      list.map((each) => each.join(' / ')).sort();
    const made = sort(book.documents.map(({ issue_date, net, tax, gross }) => [issue_date, net, tax, gross]));
    const wanted = sort(expected.documents);
    return [
      ...wanted.filter((each) => !made.includes(each)).map((each) => `${expected.name}: missing ${each}`),
      ...made.filter((each) => !wanted.includes(each)).map((each) => `${expected.name}: unexpected ${each}`),
      ...(made.length === wanted.length
        ? []
        : [`${expected.name}: ${made.length} documents instead of ${wanted.length}`]),
      ...(book.balance === expected.balance
        ? []
        : [`${expected.name}: balance ${book.balance} instead of ${expected.balance}`]),
      ...(attemptsText(book.attempts) === attemptsText(expected.attempts)
        ? []
        : [`${expected.name}: attempts ${attemptsText(book.attempts)}`]),
    ];
  });
}

/** Attempts by how they ended, in one line. */
export function attemptsText(attempts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(attempts).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.length === 0 ? 'none' : parts.map(([state, count]) => `${count} ${state}`).join(', ');
}
