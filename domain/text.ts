/**
 * What a text of one line is made of: no control characters and no halves of surrogate pairs, neither of which Postgres
 * takes, no separators of lines, after which a page would go on in a line of its own, and no controls of direction,
 * which make a text read other than it is stored. Blanks, and characters that cannot be seen, alone say nothing.
 */
export const ONE_LINE =
  /^(?=.*[^\s\p{DI}\u2800])[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;
