// The requirements of every payment provider. The same tests run against each adapter.
import { beforeAll, describe, expect, it } from 'vitest';
import type { DomainError } from '../../domain/errors.ts';
import type { ChargeRequest, PaymentProvider } from '../../psp/port.ts';

/** The provider, and what the tests need in addition to the port. */
export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  /** Payment methods that behave in a known way. */
  readonly tokens: {
    readonly succeeds: string;
    readonly declines: string;
    readonly pends: string;
    readonly needsCustomer: string;
    /** These time out. The first one charges, the second one does not. */
    readonly lateCharged: string;
    readonly lateNotCharged: string;
    readonly unreadable: string;
  };
  /** A request with a fresh attempt id. */
  request(token: string, amountMinor: bigint): ChargeRequest;
  /** The money that moved for an object by the provider's own books, less refunds and chargebacks. In minor units. */
  moved(providerObject: string): Promise<bigint>;
  /** A webhook as the provider sends it: the raw body and its headers. */
  signedWebhook(providerObject: string): { rawBody: Buffer; headers: Record<string, string> };
}

export function describeProvider(name: string, make: () => Promise<ProviderUnderTest>): void {
  describe(`the provider ${name}`, () => {
    let under: ProviderUnderTest;
    beforeAll(async () => {
      under = await make();
    });

    async function charge(token: string, amountMinor = 3451n) {
      const request = under.request(token, amountMinor);
      const { providerObject } = await under.provider.prepare(request);
      return { request, providerObject, outcome: await under.provider.execute(request, providerObject) };
    }

    it('knows which tokens it can charge', () => {
      expect(under.provider.checkToken(under.tokens.succeeds)).toBeNull();
      expect(under.provider.checkToken(under.tokens.unreadable)).toEqual(expect.any(String));
    });

    it('prepares one object for four equal requests at once, and moves no money', async () => {
      const request = under.request(under.tokens.succeeds, 3451n);
      const prepared = await Promise.all([1, 2, 3, 4].map(() => under.provider.prepare(request)));
      expect(new Set(prepared.map(({ providerObject }) => providerObject)).size).toBe(1);
      const { providerObject } = await under.provider.prepare(request);
      expect(await under.moved(providerObject)).toBe(0n);
      expect(await under.provider.lookup(providerObject)).toBeNull();
    });

    it('refuses another amount under the same attempt', async () => {
      const request = under.request(under.tokens.succeeds, 3451n);
      await under.provider.prepare(request);
      await expect(under.provider.prepare({ ...request, amountMinor: 3452n })).rejects.toThrow();
    });

    it('moves the money of an object once for four executions at once', async () => {
      const request = under.request(under.tokens.succeeds, 3451n);
      const { providerObject } = await under.provider.prepare(request);
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map(() => under.provider.execute(request, providerObject)),
      );
      expect(outcomes).toEqual(Array.from({ length: 4 }, () => ({ state: 'succeeded' })));
      expect(await under.moved(providerObject)).toBe(3451n);
      expect(await under.provider.lookup(providerObject)).toEqual({ state: 'succeeded' });
    });

    it('returns a decline with its reason as an outcome, not as an error', async () => {
      const { outcome, providerObject } = await charge(under.tokens.declines);
      expect(outcome).toEqual({ state: 'declined', reason: 'insufficient_funds' });
      expect(await under.provider.lookup(providerObject)).toEqual(outcome);
      expect(await under.moved(providerObject)).toBe(0n);
    });

    it('returns `pending` for a debit, and moves no money yet', async () => {
      const { outcome, providerObject } = await charge(under.tokens.pends);
      expect(outcome).toEqual({ state: 'pending' });
      expect(await under.provider.lookup(providerObject)).toEqual({ state: 'pending' });
      expect(await under.moved(providerObject)).toBe(0n);
    });

    it('returns the URL at which the customer must confirm', async () => {
      const { outcome } = await charge(under.tokens.needsCustomer);
      expect(outcome).toEqual({ state: 'requires_action', actionUrl: expect.stringMatching(/^https?:/) });
    });

    it('returns `unknown` after a timeout, and a look-up says whether it charged', async () => {
      const charged = await charge(under.tokens.lateCharged);
      expect(charged.outcome).toEqual({ state: 'unknown' });
      expect(await under.provider.lookup(charged.providerObject)).toEqual({ state: 'succeeded' });
      expect(await under.moved(charged.providerObject)).toBe(3451n);

      const not = await charge(under.tokens.lateNotCharged);
      expect(not.outcome).toEqual({ state: 'unknown' });
      expect(await under.provider.lookup(not.providerObject)).toMatchObject({ state: 'declined' });
      expect(await under.moved(not.providerObject)).toBe(0n);
    });

    it('refunds once per key, and not more than was paid', async () => {
      const { providerObject } = await charge(under.tokens.succeeds);
      const refunds = await Promise.all(
        [1, 2, 3].map(() => under.provider.refund(providerObject, 1000n, `refund of ${providerObject}`)),
      );
      expect(refunds.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      expect(await under.moved(providerObject)).toBe(2451n);
      expect(await under.provider.refund(providerObject, 2452n, `another of ${providerObject}`)).toEqual({
        state: 'declined',
      });
      expect(await under.moved(providerObject)).toBe(2451n);
    });

    it('reads a webhook that it signed, and refuses a changed body, a changed header or a missing signature', async () => {
      const { providerObject } = await charge(under.tokens.pends);
      const { rawBody, headers } = under.signedWebhook(providerObject);
      const { provider } = under;
      expect(provider.parseWebhook(rawBody, headers)).toMatchObject({ providerObject, type: 'succeeded' });
      const refused = [
        () => provider.parseWebhook(Buffer.concat([rawBody, Buffer.from(' ')]), headers),
        () => provider.parseWebhook(rawBody, {}),
        ...Object.keys(headers)
          .filter((header) => header !== 'content-type')
          .map((header) => () => provider.parseWebhook(rawBody, { ...headers, [header]: '1' })),
      ];
      for (const parse of refused) {
        expect(parse).toThrow(expect.objectContaining({ code: 'invalid_signature' }) as DomainError);
      }
    });
  });
}
