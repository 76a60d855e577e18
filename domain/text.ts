/**
 * A text of one line with at least one visible character. It must not contain control characters or halves of surrogate
 * pairs, which Postgres does not take; line separators, after which a page would begin a new line; or direction controls,
 * which make a text look different from what is stored.
 */
export const ONE_LINE =
  /^(?=.*[^\s\p{DI}\u2800])[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;
