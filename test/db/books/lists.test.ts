import { describe } from 'vitest';
import { describeLists } from '../../support/large-book.ts';

describe('a book of 30,000 documents', () => describeLists(30_000));
