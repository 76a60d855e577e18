import { describe, expect, it } from 'vitest';
import { readSearch } from '../../../domain/books/search-text.ts';
import { searchWordsOf, searchedWords, wordsOf } from '../../../domain/parties/search-words.ts';

describe('the words of a name', () => {
  it.each([
    ['Gebrüder Müller & Söhne GmbH', ['gebruder', 'muller', 'sohne', 'gmbh']],
    ['GROSSE STRAẞE', ['grosse', 'strasse']],
    ['große Straße', ['grosse', 'strasse']],
    ['Škoda Łódź', ['skoda', 'lodz']],
    ['日本 株式会社', ['日本', '株式会社']],
    ['3M, 3m', ['3m']],
    ['–', []],
  ])('%s', (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });

  it('are stored with those of the contact and with all mail addresses', () => {
    const party = {
      name: 'Nordlicht',
      contact: 'Ada Lovelace',
      email: 'Ada@Nordlicht.example',
      address: { line1: 'c/o @home', city: 'Kiel' },
      mail: { addresses: { invoice: { to: ['books@nordlicht.example'], cc: [] } } },
    };
    expect(searchWordsOf(party)).toEqual([
      { kind: 'name', word: 'nordlicht' },
      { kind: 'name', word: 'ada' },
      { kind: 'name', word: 'lovelace' },
      { kind: 'email', word: 'ada@nordlicht.example' },
      { kind: 'email', word: 'books@nordlicht.example' },
    ]);
  });
});

describe('a search', () => {
  it('with @ looks for a whole mail address', () => {
    expect(searchedWords(' Ada@Nordlicht.example ')).toEqual([
      { kind: 'email', word: 'ada@nordlicht.example' },
    ]);
  });

  it.each([
    ['R-2024-00777', { number: 'R-2024-00777', digits: '202400777', amount: null }],
    ['2024 00777', { number: '2024 00777', digits: '202400777', amount: null }],
    ['117,81', { number: '117,81', digits: '11781', amount: '117.81' }],
    ['-5.00', { number: '-5.00', digits: '500', amount: '5.00' }],
    ['Müller', { number: 'Müller', digits: null, amount: null }],
  ])('%s may be a number, digits or an amount', (text, expected) => {
    expect(readSearch(text)).toEqual(expected);
  });
});
