/**
 * What a text of one line is made of: no control characters and no halves of surrogate pairs, neither of which Postgres
 * takes, and no separators of lines, after which a page would go on in a line of its own. Blanks alone say nothing.
 */
export const ONE_LINE = /^(?=.*\S)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;
