import { describe, expect, test } from 'vitest';
import type { Publication } from './model.ts';
import { YEAR, book, change, component, on, pause, resume, set, to, billed, variant } from './model/story.ts';

const PLAN = variant('plan', { fee: '30.00' });
const LARGE = variant('large', { fee: '60.00' });
const SEAT = component('seat', '9.00');
const later = (after: number, of: Omit<Publication, 'after'>): Publication => ({ after, ...of });
const RAISED_SEAT = component('seat', '12.00');

describe('a scheduled change keeps the terms that were shown', () => {
  test('five seats that are scheduled at 9.00 cost 45.00 on their day; a seat that is scheduled later costs 12.00 (rule 21)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [SEAT],
      start: '2024-04-01',
      commands: [
        on('2024-04-10', change({ add: [book('seat', '5')] }), 'period_end'),
        on('2024-04-20', change({ add: [{ ...book('seat', '1'), subscription: 'more' }] }), 'period_end'),
      ],
      published: [later(1, { component: RAISED_SEAT })],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-05-01 seat 45.00', '2024-05-01 more 12.00']);
  });

  test('a change uses the version of its variant that was the newest when the change was accepted (rule 21)', () => {
    const published = [later(1, { variant: variant('large', { fee: '90.00' }) })];
    const story = { variants: [PLAN, LARGE], start: '2024-04-01', published, until: '2024-05-15' };
    expect(billed({ ...story, commands: [on('2024-04-10', to('large'), 'period_end')] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 60.00',
    ]);
    const first = on('2024-04-09', change({ add: [book('seat')] }), '2024-12-31');
    expect(
      billed({
        ...story,
        components: [SEAT],
        commands: [first, on('2024-04-10', to('large'), 'period_end')],
      }),
    ).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 90.00']);
  });

  test('set keeps the price of its item, whatever is published (rule 21)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [SEAT],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-10', set('seat', '2'), 'period_end')],
      published: [later(0, { component: RAISED_SEAT })],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-04-01 seat 9.00', '2024-05-01 seat 18.00']);
  });

  test('the known end is that of the pinned version: its term of one month (rules 9, 21)', () => {
    const short = variant('short', { fee: '60.00', term: { unit: 'month', count: 1 } });
    const lines = billed({
      variants: [PLAN, short],
      components: [component('domain', '366.00', { interval: YEAR })],
      ordered: '2023-12-20',
      start: '2024-01-01',
      booked: [book('domain')],
      commands: [on('2023-12-20', to('short'), '2024-02-01')],
      published: [later(1, { variant: { ...short, term: null } })],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-01-01 fee 30.00', '2024-01-01 domain 60.00', '2024-02-01 fee 60.00']);
  });

  test('a change back to a newer version of the variant is another price, so both changes in a pause are billed (rules 21, 25)', () => {
    const lines = billed({
      variants: [PLAN, LARGE],
      start: '2024-04-01',
      commands: [
        on('2024-04-05', pause),
        on('2024-04-06', to('large')),
        on('2024-04-07', to('plan')),
        on('2024-04-16', resume),
      ],
      published: [later(1, { variant: variant('plan', { fee: '36.00' }) })],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-04-16 fee -15.00', '2024-04-16 fee 18.00']);
  });

  describe('and a component that its variant includes', () => {
    const large = variant('large', {
      components: [{ id: 'seat', rule: 'included', quantity: '2', included: null, least: null, most: null }],
    });
    const story = {
      variants: [variant('plan'), large],
      components: [SEAT],
      start: '2024-04-01',
      published: [later(1, { component: RAISED_SEAT })],
      until: '2024-05-15',
    };
    const toLarge = on('2024-04-10', to('large'), 'period_end');

    test('is booked on its day, at the price that was shown (rule 21)', () => {
      expect(billed({ ...story, commands: [toLarge] })).toEqual(['2024-05-01 seat by 0 18.00']);
    });

    test('is not booked again if it is booked by then (rule 21)', () => {
      const booked = [book('seat', '5')];
      expect(billed({ ...story, booked, commands: [toLarge] })).toEqual([
        '2024-04-01 seat 45.00',
        '2024-05-01 seat 45.00',
      ]);
    });

    test('is booked at the price that was shown, even if it was booked then and is removed before that day (rule 21)', () => {
      const commands = [toLarge, on('2024-04-16', change({ remove: ['seat'] }))];
      expect(billed({ ...story, booked: [book('seat', '5')], commands })).toEqual([
        '2024-04-01 seat 45.00',
        '2024-04-16 seat -22.50',
        '2024-05-01 seat by 0 18.00',
      ]);
    });
  });
});
