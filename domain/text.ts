/**
 * What a text of one line is made of: no control characters and no halves of surrogate pairs, neither of which Postgres
 * takes, and no separators of lines, after which a page would go on in a line of its own.
 */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;
