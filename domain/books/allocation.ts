/** A credit of an account: the unspent part of a credit note or payment. */
export interface AccountCredit {
  readonly id: string;
  /** Minor units, not negative. */
  readonly leftMinor: bigint;
}

/** A receivable of an account, with the amount that is still open. */
export interface OpenReceivable {
  readonly id: string;
  /** Minor units, not negative. */
  readonly openMinor: bigint;
  /** Whether an attempt was sent and has no outcome yet: its money may already be on the way. */
  readonly underWay: boolean;
}

/** One credit pays a part of one receivable. */
export interface Allocation {
  readonly creditId: string;
  readonly receivableId: string;
  /** Minor units, always positive. */
  readonly amountMinor: bigint;
}

/**
 * Allocates credits to the oldest open receivable first, but never to one whose attempt is under way, because it could be
 * paid twice. Both lists belong to one account and are sorted oldest first. Credit that is left waits on the account.
 */
export function allocateCredits(
  credits: readonly AccountCredit[],
  receivables: readonly OpenReceivable[],
): Allocation[] {
  const open = receivables.filter((one) => !one.underWay).map(({ id, openMinor }) => ({ id, openMinor }));
  const allocations: Allocation[] = [];
  for (const credit of credits) {
    let left = credit.leftMinor;
    for (const receivable of open) {
      const amountMinor = left < receivable.openMinor ? left : receivable.openMinor;
      if (amountMinor <= 0n) continue;
      allocations.push({ creditId: credit.id, receivableId: receivable.id, amountMinor });
      left -= amountMinor;
      receivable.openMinor -= amountMinor;
    }
  }
  return allocations;
}
