import { describe } from 'vitest';
import { describeLists } from '../support/large-book.ts';

describe('a book with a million rows of each list', () => describeLists(1_000_000));
