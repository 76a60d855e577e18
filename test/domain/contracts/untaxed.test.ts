// A request that would lack a tax rate on its day is refused at once. Otherwise billing would stop on that day.
import { describe, expect, test } from 'vitest';
import { Life, add, billed, pause, remove, resume, set, toVariant } from '../../support/contract-builder.ts';
import { CLOUD } from '../../support/sold.ts';
import type { Catalogue, TaxRate } from '../../../domain/contracts/state.ts';

/** Support is taxed as an e-book, for which France has no rate; everything else is taxed there at 20 %. */
const SOLD: Catalogue = {
  ...CLOUD,
  components: CLOUD.components.map((each) =>
    each.componentId === 'support' ? { ...each, pricing: { ...each.pricing, taxPolicyId: 'e-books' } } : each,
  ),
};
const FRENCH: TaxRate = {
  taxPolicyId: 'software',
  country: 'FR',
  validFrom: '2000-01-01',
  category: 'standard',
  rate: '20',
  text: 'VAT 20 %',
};
const E_BOOKS: TaxRate = { ...FRENCH, taxPolicyId: 'e-books', validFrom: '2024-03-01' };

const french = (taxRates: readonly TaxRate[], more: { variant?: string; start?: string } = {}): Life =>
  new Life({ variant: 'pro', start: '2024-01-01', country: 'FR', catalogue: SOLD, taxRates, ...more });
const later = (start: string) =>
  ({ kind: 'change', components: { add: [{ component: 'support', quantity: '1', start }] } }) as const;

describe('a change that books a component without a tax rate is refused', () => {
  test.each([
    ['now', add('support'), 'now', 'components.add[0].component'],
    ['on a date', add('support'), '2024-02-10', 'components.add[0].component'],
    ['for a booking from a later day on', later('2024-02-10'), 'now', 'components.add[0].component'],
    ['to a variant that includes the component', toVariant('bundle'), 'period_end', 'variant'],
  ] as const)('%s (rule 21)', (_, body, effective, field) => {
    const life = french([FRENCH]);
    expect(life.do('2024-01-05', body, effective)).toBe('tax_rate_missing');
    expect(life.decisions.at(-1)).toMatchObject({ field });
    life.stepTo('2024-02-15');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00']);
  });

  test('in a pause, as the contract could not resume (rule 21)', () => {
    const life = french([FRENCH]);
    life.do('2024-01-05', pause());
    expect(life.do('2024-01-06', add('support'))).toBe('tax_rate_missing');
    expect(life.do('2024-01-07', resume())).toBe('applied');
  });

  test('and so is an order, even if the booking begins later (rule 21)', () => {
    const life = new Life({
      variant: 'pro',
      start: '2024-01-01',
      country: 'FR',
      catalogue: SOLD,
      taxRates: [FRENCH],
      components: [{ component: 'support', quantity: '1', start: '2024-02-10' }],
    });
    expect(life.decisions).toMatchObject([{ code: 'tax_rate_missing', field: 'components[0].component' }]);
  });
});

test('a rate that begins with the booking is enough, one that begins later is not (rule 21)', () => {
  const life = french([FRENCH, E_BOOKS]);
  expect(life.do('2024-01-05', add('support'), '2024-02-29')).toBe('tax_rate_missing');
  expect(life.do('2024-01-05', later('2024-02-29'))).toBe('tax_rate_missing');
  expect(life.do('2024-01-05', add('support'), '2024-03-01')).toBe('applied');
  life.stepTo('2024-03-01');
  expect(billed(life).at(-1)).toBe('2024-03-01: 99.00, 49.00');
});

test('a component that has lost its tax rate can be removed, and does not prevent a change of another one (rule 21)', () => {
  const life = french([FRENCH, { ...E_BOOKS, validFrom: '2024-01-01' }]);
  life.do('2024-01-05', add('support'));
  life.do('2024-01-05', add('seat'));
  life.state = { ...life.state, taxRates: [FRENCH] };
  expect(life.do('2024-01-06', set(life.subscription('seat'), '2'))).toBe('applied');
  expect(life.do('2024-01-06', remove(life.subscription('support')))).toBe('applied');
});
