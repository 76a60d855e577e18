import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { isTestMerchant } from '../../db/parties/merchants.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Providers, providerOf } from '../../psp/port.ts';

/**
 * Refuses a payment method whose provider the merchant may not use, or whose token the provider could not charge. A test
 * merchant may use only the sandbox, and a live one only other providers (rule 45).
 * @param at the path of the method in the request, if it is not the request itself
 * @throws DomainError provider_not_available, invalid_token
 */
export async function checkPaymentMethod(
  db: Db,
  merchant: MerchantId,
  providers: Providers,
  { provider, token }: { readonly provider: string; readonly token: string },
  at?: string,
): Promise<void> {
  const fieldOf = (name: string): string => (at === undefined ? name : `${at}.${name}`);
  const isTest = await isTestMerchant(db, merchant);
  const found = providerOf(providers, provider);
  if (found === undefined || (provider === 'sandbox') !== isTest) {
    throw new DomainError('provider_not_available', `${provider} cannot be used by this merchant`, {
      field: fieldOf('provider'),
    });
  }
  const problem = found.checkToken(token);
  if (problem !== null) throw new DomainError('invalid_token', problem, { field: fieldOf('token') });
}
