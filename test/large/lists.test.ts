import { describe } from 'vitest';
import { describeLists } from '../support/large-book.ts';

describe('a book of a million documents', () => describeLists(1_000_000));
