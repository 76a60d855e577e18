import { describe } from 'vitest';
import { describeLists } from '../../support/large-book.ts';

describe('a book with 30,000 rows of each list', () => describeLists(30_000));
