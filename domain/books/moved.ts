import type { Charge } from './charge.ts';

/**
 * The accounts that a contract was billed to before it moved: the id of the account by the id of each charge that is now
 * credited, and is not on the contract's account. A credit belongs to the account of the charge that it credits (rule 33).
 */
export type CreditedElsewhere = ReadonlyMap<string, string>;

/** Whether a charge belongs to the account of the contract itself. */
export function isOwn({ reversesId }: Pick<Charge, 'reversesId'>, elsewhere: CreditedElsewhere): boolean {
  return reversesId === null || !elsewhere.has(reversesId);
}

/** The charges of each account: first those of the contract's own, then those of each other one. */
export function byAccount(charges: readonly Charge[], elsewhere: CreditedElsewhere): Charge[][] {
  const groups = new Map<string, Charge[]>([['', []]]);
  for (const charge of charges) {
    const account = accountOf(charge, elsewhere, '');
    groups.set(account, [...(groups.get(account) ?? []), charge]);
  }
  return [...groups.values()];
}

/** The account that a charge belongs to. */
export function accountOf(
  { reversesId }: Pick<Charge, 'reversesId'>,
  elsewhere: CreditedElsewhere,
  ownAccount: string,
): string {
  return (reversesId === null ? undefined : elsewhere.get(reversesId)) ?? ownAccount;
}
