import type { Book, Step } from './book.ts';
import { exact, times } from './exact.ts';
import type { OneTime } from './types.ts';

/** Whether something happened before a step. An event at the first instant of a day happens after the day's bill. */
export const happened = (step: Step, at: number, after = 0): boolean =>
  at < step.at || (at === step.at && step.decided !== null && after <= step.decided);

/** The one-time charges of a contract: each is billed once, or withdrawn. */
export class OneTimes {
  private readonly all: readonly OneTime[];
  private readonly book: Book;
  private readonly billed = new Set<string>();

  constructor(all: readonly OneTime[], book: Book) {
    this.all = all;
    this.book = book;
  }

  private bill(step: Step, { id, serviceDate, quantity, unitPrice }: OneTime): void {
    this.billed.add(id);
    this.book.once(step, id, serviceDate, times(exact(quantity), exact(unitPrice)));
  }

  /** Bills the charges that wait for a document with this step. */
  waiting(step: Step): void {
    for (const one of this.all) {
      const withdrawn = one.withdrawnAt !== undefined && Date.parse(one.withdrawnAt) <= step.at;
      const made = happened(step, Date.parse(one.at), one.after);
      if (one.when === 'next_invoice' && made && !withdrawn && !this.billed.has(one.id)) this.bill(step, one);
    }
  }

  /** Bills the charges that have their own document, up to an instant. */
  now(until: number): void {
    for (const one of this.all) {
      const at = Date.parse(one.at);
      if (one.when === 'now' && at <= until) this.bill({ at, day: one.serviceDate, decided: null }, one);
    }
  }
}
