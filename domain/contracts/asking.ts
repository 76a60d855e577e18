import { type Instant, later } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';

/** The instant at which a request counts: now, but never before the instant through which the contract is settled. */
export function countsAt(now: Instant, settledThrough: Instant): Instant {
  return later(now, settledThrough);
}

/** @throws DomainError contract_ended: a contract that has ended takes no requests */
export function refuseEnded({ phase }: { readonly phase: string }): void {
  if (phase === 'ended') throw new DomainError('contract_ended', 'the contract has ended');
}
