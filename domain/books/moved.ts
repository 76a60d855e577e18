import type { Charge } from './charge.ts';

/**
 * The earlier accounts of a contract that has moved: for each charge of such an account that is credited now, the charge's id and
 * the account's id. A credit belongs to the account of the charge that it credits (rule 33).
 */
export type CreditedElsewhere = ReadonlyMap<string, string>;

/** Whether a charge belongs to the account of the contract itself. */
export function isOwn({ reversesId }: Pick<Charge, 'reversesId'>, elsewhere: CreditedElsewhere): boolean {
  return reversesId === null || !elsewhere.has(reversesId);
}

/** Groups charges by account: first those of the contract's own account, then those of each other account. */
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
